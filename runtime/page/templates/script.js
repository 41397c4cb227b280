// Without this, everything is shown. With it, one campaign can be chosen.
(() => {
  const chooser = document.getElementById("chooser");
  if (!chooser) return;
  const select = chooser.querySelector("select");
  const parts = document.querySelectorAll("[data-campaign]");
  const show = () => {
    for (const part of parts) part.hidden = select.value !== "" && part.dataset.campaign !== select.value;
    for (const line of document.querySelectorAll("[data-nothing]")) {
      line.hidden = select.value === "" || line.parentElement.querySelector("[data-campaign]:not([hidden])") !== null;
    }
  };
  const follow = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (!target || !target.hidden) return;
    select.value = target.dataset.campaign;
    show();
    target.scrollIntoView();
  };
  select.addEventListener("change", show);
  window.addEventListener("hashchange", follow);
  chooser.hidden = false;
  show();
  follow();
})();
