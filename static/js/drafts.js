/* Keeps what is typed into a form while it is being typed, so that a time-out or a closed page
   loses nothing. Without scripts the same words are kept whenever the form is sent. */
(() => {
  "use strict";
  const IDLE = 2000;
  const LONGEST = 10000;

  const clock = () => new Date().toLocaleTimeString("en-AU", { hour: "2-digit", minute: "2-digit", hour12: false });

  const watch = (form) => {
    const place = form.querySelector("[data-kept-line]");
    const said = place?.offsetParent ? place : document.createElement("p");
    if (said !== place) {
      said.className = "app-kept-line";
      (form.querySelector(".app-buttons") || form).before(said);
    }
    said.setAttribute("role", "status");
    let typed = false; // something was typed that is not kept yet
    let since = 0;
    let timer;
    let busy = false;
    let sent = false;

    const words = () => new URLSearchParams(new FormData(form));

    const keep = async () => {
      clearTimeout(timer);
      if (!typed || sent) return;
      if (busy) {
        timer = setTimeout(keep, IDLE);
        return;
      }
      busy = true;
      typed = false;
      since = 0;
      try {
        const answer = await fetch(form.dataset.keep, { method: "POST", body: words(), redirect: "manual" });
        if (answer.status === 204) {
          said.textContent = `Saved as you typed it at ${clock()}. It is not on the record before you send it.`;
          if (!typed) form.dispatchEvent(new CustomEvent("kept", { bubbles: true }));
        } else if (answer.type === "opaqueredirect" || answer.status === 403) {
          said.textContent = "This page can no longer save as you type. Send the form: what you typed is kept, and you are led back to it.";
        } else if (answer.status === 409) {
          said.textContent = "This form was sent already. Open it again to write something new.";
        } else {
          said.textContent = "What you type is not saved at the moment. Send the form before you leave the page.";
        }
      } catch {
        typed = true;
        said.textContent = "There is no connection, so what you type is not saved at the moment.";
        timer = setTimeout(keep, LONGEST);
      } finally {
        busy = false;
      }
    };

    form.addEventListener("input", () => {
      const now = Date.now();
      typed = true;
      since ||= now;
      clearTimeout(timer);
      timer = setTimeout(keep, Math.max(0, Math.min(IDLE, since + LONGEST - now)));
    });
    form.addEventListener("submit", () => {
      sent = true;
      clearTimeout(timer);
    });
    window.addEventListener("pageshow", () => { sent = false; });
    // Whoever looks at another page or closes this one has typed enough.
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState !== "hidden" || !typed || sent) return;
      typed = false;
      navigator.sendBeacon(form.dataset.keep, words());
    });
  };

  for (const form of document.querySelectorAll("form[data-keep]")) watch(form);
})();
