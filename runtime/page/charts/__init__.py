"""Where the marks of each chart stand, in per cent of its width: labels keep their size on a telephone and on a screen."""
