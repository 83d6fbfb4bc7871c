/* Shows the passkey buttons where the browser has passkeys, and says when one was not used. */
(() => {
  "use strict";
  if (!window.PublicKeyCredential) return;
  for (const part of document.querySelectorAll("[data-passkey]")) part.hidden = false;
  for (const part of document.querySelectorAll("[data-no-passkey]")) part.hidden = true;

  const said = document.querySelector("[data-passkey-error]");
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    if (!said) return;
    said.hidden = false;
    if (event.detail.exception.name === "InvalidStateError") {
      said.querySelector("p").textContent = "This device already has a passkey for you here.";
    }
  });
})();
