// Filters, searches and opens the rule that a deep link names. The page says everything without it.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const rules = [...document.querySelectorAll("details.rule")];
  const texts = new Map(rules.map((rule) => [rule, `${rule.id} ${rule.textContent}`.toLowerCase()]));
  const buttons = [...document.querySelectorAll("#filters button")];
  const search = byId("search");
  const family = byId("family");
  const shown = byId("shown");

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const pressed = buttons.filter((button) => button.getAttribute("aria-pressed") === "true");
    const statuses = new Set(pressed.map((button) => button.dataset.status));
    let count = 0;
    for (const rule of rules) {
      const fits =
        (statuses.size === 0 || statuses.has(rule.dataset.status)) &&
        (family.value === "" || rule.dataset.family === family.value) &&
        words.every((word) => texts.get(rule).includes(word));
      rule.hidden = !fits;
      count += fits ? 1 : 0;
    }
    for (const section of document.querySelectorAll("section.family")) {
      section.hidden = !section.querySelector("details.rule:not([hidden])");
    }
    shown.textContent = `${count} of ${rules.length} rules shown`;
  };

  const follow = () => {
    let id = location.hash.slice(1);
    try {
      id = decodeURIComponent(id);
    } catch {
      return;
    }
    const rule = byId(id);
    if (!rule?.matches("details.rule")) return;
    if (rule.hidden) {
      search.value = "";
      family.value = "";
      for (const button of buttons) button.setAttribute("aria-pressed", "false");
      filter();
    }
    rule.open = true;
    rule.scrollIntoView();
    rule.querySelector("summary").focus({ preventScroll: true });
  };

  for (const button of buttons) {
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      filter();
    });
  }
  search.addEventListener("input", filter);
  family.addEventListener("change", filter);
  window.addEventListener("hashchange", follow);

  for (const rule of rules) {
    rule.addEventListener("toggle", () => {
      if (rule.open && rule.matches(":focus-within")) history.replaceState(null, "", `#${rule.id}`);
    });
  }
  if (navigator.clipboard) {
    for (const block of document.querySelectorAll(".copy")) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Copy";
      button.setAttribute("aria-label", "Copy this line");
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(block.querySelector("code").textContent);
        button.textContent = "Copied";
      });
      block.append(button);
    }
  }
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = rules.filter((rule) => !rule.open);
    for (const rule of closed) rule.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const rule of closed) rule.open = false;
  });

  byId("filters").hidden = false;
  filter();
  // Once more when all is there: the browser goes to the fragment itself, and takes the focus away again.
  follow();
  window.addEventListener("load", () => setTimeout(follow));
})();
