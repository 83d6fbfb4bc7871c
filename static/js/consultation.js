/* Writing a consultation down: what follows from an answer opens and closes at once. Without it
   everything stands open, and the server asks for what is missing. */
(() => {
  "use strict";
  const form = document.querySelector(".app-long-form");
  if (!form) return;
  const alone = form.querySelector("[data-alone]");

  const look = () => {
    for (const part of form.querySelectorAll("[data-shown-for]")) {
      const answer = form.elements[part.dataset.shownFor].value;
      const isFilled = [...part.querySelectorAll("input[type=radio]")].some((radio) => radio.checked);
      part.hidden = !isFilled && !part.dataset.values.split(" ").includes(answer);
    }
    const goal = form.elements.recommended_goal?.value || "";
    for (const row of form.querySelectorAll("[data-goal]")) {
      const box = row.querySelector("textarea");
      const isSaidBelow = row.dataset.goal === goal && !box.value;
      row.querySelector("[data-recommended]").hidden = !isSaidBelow;
      row.querySelector(".app-row-opens").hidden = isSaidBelow;
    }
    const effect = goal && form.querySelector(`[data-effect-of="${goal}"]`);
    for (const row of form.querySelectorAll("[data-effect-of]")) row.hidden = row !== effect;
    for (const part of form.querySelectorAll("[data-with-change]")) part.hidden = !effect;
    if (alone) {
      alone.classList.toggle("nsw-button--dark", !effect);
      alone.classList.toggle("nsw-button--dark-outline", Boolean(effect));
    }
    const exempt = form.querySelector("[data-exempt]");
    if (exempt) {
      const missing = [...form.querySelectorAll("#evidence [data-evidence]")].filter((row) => {
        const marked = row.querySelector("input:checked")?.value;
        if (marked || row.closest("details")) return marked === "missing";
        const said = row.dataset.saidBy.split(" ").filter(Boolean);
        return !said.length || !said.every((name) => form.elements[name].value.trim());
      });
      exempt.hidden = !missing.length;
      exempt.querySelector("[data-missing]").textContent = missing.map((row) => row.dataset.evidence).join("; ");
    }
  };
  form.addEventListener("input", look);
  form.addEventListener("change", look);
  look();
})();
