"use strict";
for (const button of document.querySelectorAll("button.copy")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 1500);
  });
}
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.about[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});
