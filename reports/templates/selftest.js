// Filters the tables of the selftest by words. The page says everything without it.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const rows = [...document.querySelectorAll("tr.found")];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const search = byId("search");
  const amiss = byId("amiss");

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const fits =
        (!amiss.checked || row.classList.contains("amiss")) && words.every((word) => texts.get(row).includes(word));
      row.hidden = !fits;
      count += fits ? 1 : 0;
    }
    byId("shown").textContent = `${count} of ${rows.length} rows shown`;
  };

  // A link to a row that is filtered away shows all of them again.
  const follow = () => {
    const row = byId(location.hash.slice(1));
    if (!row?.matches("tr.found[hidden]")) return;
    search.value = "";
    amiss.checked = false;
    filter();
    row.scrollIntoView();
  };

  search.addEventListener("input", filter);
  amiss.addEventListener("change", filter);
  window.addEventListener("hashchange", follow);
  byId("filters").hidden = false;
  filter();
})();
