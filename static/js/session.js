/* Warns before the session ends, and puts the end off when asked. It never does so by itself. */
(() => {
  "use strict";
  const box = document.querySelector("[data-session]");
  if (!box) return;
  const form = box.querySelector("[data-session-form]");
  const status = box.querySelector("[data-session-status]");
  const over = box.querySelector("[data-session-over]");
  const warn = Number(box.dataset.warn);
  const tabs = new BroadcastChannel("session");
  let end = 0;
  let said = null;

  const begin = (left) => {
    end = Date.now() + left.seconds * 1000;
    box.toggleAttribute("data-last", left.last);
    if (left.at) {
      box.querySelector("[data-session-at]").textContent = left.at;
      box.querySelector("[data-session-condition]").textContent = left.last ? ". Then you sign in again." : " unless you go on.";
    }
    said = null;
    look();
  };

  // Said at five, two and one minute and at the end: a screen reader is not told each second.
  const say = (seconds) => {
    const minutes = [0, 1, 2, Math.round(warn / 60)].find((each) => seconds <= each * 60);
    if (minutes === said) return;
    said = minutes;
    if (minutes === undefined) status.textContent = "";
    else if (minutes === 0) status.textContent = "This session has ended. What you typed is still on this page.";
    else status.textContent = `Less than ${minutes === 1 ? "a minute" : `${minutes} minutes`} left.`;
  };

  function look() {
    const seconds = Math.ceil((end - Date.now()) / 1000);
    box.classList.toggle("app-session--soon", seconds <= warn);
    form.hidden = seconds <= 0 || box.hasAttribute("data-last");
    over.hidden = seconds > 0;
    say(seconds);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
        redirect: "error",
      });
      if (!answer.ok) throw new Error(answer.status);
      const left = await answer.json();
      begin(left);
      tabs.postMessage(left);
      status.textContent = `You are still signed in, until ${left.at}.`;
    } catch {
      status.textContent = "That did not work. Save what you typed, or sign in again in a new tab.";
      over.hidden = false;
    }
  }, true);
  tabs.addEventListener("message", (event) => begin(event.data));
  box.querySelector("[data-session-new-tab]").remove();

  const first = {
    seconds: Number(box.dataset.seconds),
    at: box.querySelector("[data-session-at]").textContent,
    last: box.hasAttribute("data-last"),
  };
  begin(first);
  // A page that was opened just now is the newest word for the other tabs.
  tabs.postMessage(first);
  setInterval(look, 1000);
})();
