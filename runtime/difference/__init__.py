"""What a change to a program changes for customers: two plans over the same data, held against each other send by send."""
