/* Makes pages nicer where scripts run; every page works without it. */
(() => {
  "use strict";
  document.documentElement.classList.add("app-script");

  // On a phone the main navigation folds away behind a button.
  const menu = document.querySelector(".app-menu-button");
  const nav = document.getElementById("main-nav");
  if (menu && nav) {
    const show = (open) => {
      nav.classList.toggle("app-open", open);
      menu.setAttribute("aria-expanded", String(open));
    };
    menu.hidden = false;
    menu.addEventListener("click", () => show(!nav.classList.contains("app-open")));
    nav.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && menu.offsetParent) {
        show(false);
        menu.focus();
      }
    });
    document.querySelector('a[href="#main-nav"]')?.addEventListener("click", () => show(true));
  }

  // Stacked tables lose their meaning for screen readers unless the roles are said again.
  const roles = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
  for (const part of document.querySelectorAll(".app-table, .app-table :is(thead, tbody, tr, th, td)")) {
    const role = part.tagName === "TH" ? (part.scope === "row" ? "rowheader" : "columnheader") : roles[part.tagName];
    part.setAttribute("role", role);
    // A stacked row need not name what it does not have.
    if (part.tagName === "TD") part.classList.toggle("app-blank", !part.textContent.trim());
  }

  // What was wrong comes first: for the eye, the ear and the window's title.
  const summary = document.querySelector("[data-error-summary]");
  if (summary) {
    document.title = `Error: ${document.title}`;
    summary.focus();
  }

  // "Change" leads to one field: the cursor stands in it.
  const field = document.getElementById(location.hash.slice(1));
  if (!summary && field?.matches("input, select, textarea")) field.focus();

  // A form is sent once, and typed text is not lost without a word.
  let unsaved = false;
  for (const form of document.querySelectorAll('form[method="post"]')) {
    if (form.hasAttribute("data-warn-unsaved")) {
      unsaved ||= Boolean(form.querySelector("[data-error-summary]"));
      form.addEventListener("input", () => { unsaved = true; });
      // What is kept while it is typed needs no warning: it is there again.
      form.addEventListener("kept", () => { unsaved = false; });
    }
    form.addEventListener("submit", (event) => {
      if (form.classList.contains("app-sent")) {
        event.preventDefault();
        return;
      }
      form.classList.add("app-sent");
      unsaved = false;
      // Where no new page comes, as for a file, the form opens again.
      setTimeout(() => form.classList.remove("app-sent"), 10000);
    });
  }
  window.addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
  // Coming back with the browser's button, the form may be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll(".app-sent")) form.classList.remove("app-sent");
  });

  // More rows in a formset, made from the empty one that the server sent along.
  for (const formset of document.querySelectorAll("[data-formset]")) {
    const button = formset.querySelector("[data-add-row]");
    const empty = formset.querySelector("template");
    const total = formset.querySelector(`[name="${formset.dataset.formset}-TOTAL_FORMS"]`);
    const most = formset.querySelector(`[name="${formset.dataset.formset}-MAX_NUM_FORMS"]`);
    if (!button || !empty || !total) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      const index = Number(total.value);
      const markup = empty.innerHTML.replaceAll("__prefix__", index).replaceAll("__number__", index + 1);
      const row = new DOMParser().parseFromString(markup, "text/html").body.firstElementChild;
      formset.querySelector("[data-rows]").append(row);
      total.value = index + 1;
      button.hidden = index + 1 >= Number(most.value);
      row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    });
  }
})();
