/* Helps with long forms: how many characters are left, boxes that grow, ticks beside the parts of
   a form, and one button that answers a table of questions. Without it each form works as well. */
(() => {
  "use strict";

  // Below a long text: how much is left. A line break counts once, as on the server.
  for (const box of document.querySelectorAll("textarea[data-most]")) {
    const most = Number(box.dataset.most);
    const left = document.createElement("p");
    left.className = "app-left";
    left.id = `${box.id}_left`;
    left.setAttribute("aria-live", "polite");
    left.hidden = true;
    box.after(left);
    box.setAttribute("aria-describedby", `${box.getAttribute("aria-describedby") || ""} ${left.id}`.trim());
    const count = () => {
      const rest = most - [...box.value].length;
      const number = Math.abs(rest).toLocaleString("en-AU");
      left.hidden = !box.value;
      left.textContent = rest < 0 ? `${number} characters too many` : `${number} characters left`;
      left.classList.toggle("app-left--over", rest < 0);
    };
    box.addEventListener("input", count);
    count();
  }

  // A browser that cannot size a box by its text is told how high that is.
  if (!CSS.supports("field-sizing", "content")) {
    const grow = (box) => {
      box.style.height = "auto";
      box.style.height = `${box.scrollHeight + box.offsetHeight - box.clientHeight}px`;
    };
    for (const box of document.querySelectorAll("textarea.app-in")) {
      box.addEventListener("input", () => grow(box));
      if (box.value) grow(box);
    }
  }

  for (const button of document.querySelectorAll("[data-mark-all]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      const part = button.closest("section");
      for (const radio of part.querySelectorAll(`[data-asked] input[value="${button.dataset.markAll}"]`)) radio.checked = true;
      part.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }

  // What is asked in a part of a form has `data-asked`: a group of radios, boxes, or a row of them.
  const isThere = (each) => !each.checkVisibility || each.checkVisibility({ visibilityProperty: true });
  const isAnswered = (asked) => {
    const radios = [...asked.querySelectorAll("input[type=radio]")].filter(isThere);
    if (radios.length) {
      const names = new Set(radios.map((radio) => radio.name));
      return [...names].every((name) => radios.some((radio) => radio.name === name && radio.checked && radio.value));
    }
    return [...asked.querySelectorAll("input, select, textarea")].every((box) => box.value.trim());
  };
  for (const list of document.querySelectorAll("[data-parts]")) {
    const form = list.closest("form");
    const sum = form.querySelector("[data-parts-sum]");
    const look = () => {
      let filled = 0;
      let parts = 0;
      for (const item of list.querySelectorAll("li")) {
        const part = document.getElementById(item.querySelector("a").hash.slice(1));
        item.hidden = part.hidden;
        if (part.hidden) continue;
        const asked = [...part.querySelectorAll("[data-asked]")].filter(isThere);
        const done = asked.filter(isAnswered).length;
        const typed = [...part.querySelectorAll("input:not([type=hidden], [type=radio]), textarea")].some((box) => box.value.trim());
        const isDone = asked.length ? done === asked.length : typed;
        item.classList.toggle("app-done", isDone);
        item.classList.toggle("app-begun", !isDone && done > 0);
        const state = asked.length ? `${done} of ${asked.length} ${part.dataset.word || "filled"}` : "None yet, and none needed";
        item.querySelector("[data-part-state]").textContent = isDone ? "Filled" : state;
        parts += 1;
        filled += isDone;
      }
      if (sum) sum.textContent = `Parts: ${filled} of ${parts} filled`;
    };
    // Once other scripts have opened and closed what follows from an answer.
    const lookLater = () => requestAnimationFrame(look);
    form.addEventListener("input", lookLater);
    form.addEventListener("change", lookLater);
    window.addEventListener("load", look);
  }
})();
