// All of our own JavaScript. Every page works without it; this makes the entry grid feel like a sheet
// and keeps what was typed when the network, the session or the server fails.
// A row (data-row) saves itself; the answer replaces pieces by id (hx-swap-oob), but never fields that
// are being typed in. The same data-cell in each row makes a column.
"use strict";
const announce = (text) => { document.getElementById("announce").textContent = text; };
const rowOf = (event) => event.target.closest?.("[data-row]");

// --- the grid: Enter goes to the same field of the next row; Tab is the browser's own
document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.("[data-sheet] [data-cell]");
  if (event.key !== "Enter" || !cell || cell.matches("textarea, button, summary, a") || event.isComposing) return;
  event.preventDefault();
  const column = [...cell.closest("[data-sheet]").querySelectorAll(`[data-cell="${CSS.escape(cell.dataset.cell)}"]:enabled`)];
  const next = column[column.indexOf(cell) + (event.shiftKey ? -1 : 1)] ?? cell;
  cell.blur(); // tells the row that the cell has changed
  next.focus(); next.select?.();
});

// --- saving: what could not be saved stays on the page, is said, and is tried again
const fail = (row, why, retry) => {
  const line = row.querySelector("[data-saved]");
  row.dataset.unsaved = "";
  if (line) line.textContent = why;
  announce(`${row.dataset.row}: ${why}`);
  if (!retry || row.retrying) return;
  row.wait = Math.min((row.wait ?? 1500) * 2, 30000);
  row.retrying = setTimeout(() => { row.retrying = null; htmx.trigger(row, "change"); }, row.wait);
};
const offline = (event) =>
  rowOf(event) && fail(rowOf(event), "Chưa lưu được, sẽ thử lại. Số vừa nhập vẫn còn trên trang.", true);
["htmx:sendError", "htmx:timeout"].forEach((name) => document.addEventListener(name, offline));

// Signing in again in another tab changes the token; the page takes the new one and keeps its cells.
const renewToken = async () => {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  const token = page.querySelector("[name=csrfmiddlewaretoken]")?.value;
  if (!token) return;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
  document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => { field.value = token; });
};
document.addEventListener("htmx:responseError", async (event) => {
  const { status } = event.detail.xhr;
  if (status === 403) await renewToken().catch(() => {});
  if (status === 403 || status >= 500 || status === 429) offline(event);
  else if (rowOf(event)) fail(rowOf(event), "Không lưu được: phiếu này không còn mở để nhập. Tải lại trang để xem.", false);
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail, row = rowOf(event), login = document.body.dataset.login;
  if (row?.dataset.typed === "htmx:configRequest" && xhr.status < 400) delete row.dataset.typed;
  if (!login || !xhr.responseURL.includes(login)) return;
  event.detail.shouldSwap = false; // a sign-in page must never land inside a table
  if (row) fail(row, "Phiên làm việc đã hết. Đăng nhập ở thẻ khác, số ở đây sẽ tự lưu tiếp.", true);
  else if (!document.querySelector("[data-typed], [data-unsaved]")) location.reload();
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { xhr, successful } = event.detail, row = rowOf(event);
  if (!row || !successful || xhr.responseURL.includes(document.body.dataset.login)) return;
  row.retrying = row.wait = clearTimeout(row.retrying);
  delete row.dataset.unsaved;
  announce(`${row.dataset.row}: ${row.querySelector("[id$='-note']")?.textContent.replace(/\s+/g, " ").trim() || "Đã lưu"}`);
});
let sendsAll = false; // the form around the grid carries every cell itself
document.addEventListener("submit", (event) => { sendsAll = Boolean(event.target.querySelector("[data-row]")); });
addEventListener("beforeunload", (event) => {
  if (!sendsAll && document.querySelector("[data-typed], [data-unsaved], [data-row].htmx-request")) event.preventDefault();
});

// --- fields in which somebody types are never replaced; once left, they ask for what came meanwhile
const touched = (event) => { const row = rowOf(event); if (row) [row.dataset.typed, row.late] = [event.type, false]; };
["input", "htmx:configRequest"].forEach((name) => document.addEventListener(name, touched));
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const fields = detail.target, row = fields.closest("[data-row]");
  if (!fields.id.endsWith("-fields") || !(row.dataset.typed || fields.contains(document.activeElement))) return;
  [detail.shouldSwap, row.late] = [false, true];
});
document.addEventListener("focusout", (event) => {
  const row = rowOf(event); // asks once the focus has moved
  if (row?.late && !row.contains(event.relatedTarget)) setTimeout(() => htmx.trigger(row, "change"));
});

// --- small manners
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("[data-menu][open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});
document.addEventListener("click", (event) => {
  document.querySelectorAll("[data-menu][open]").forEach((menu) => { menu.open = menu.contains(event.target); });
  const field = event.target.closest?.("[data-insert]"), text = field && document.getElementById(field.dataset.insert);
  if (!text) return; // a field of a report goes where the cursor stands
  event.preventDefault();
  text.setRangeText(field.value, text.selectionStart, text.selectionEnd, "end");
  text.dispatchEvent(new Event("change", { bubbles: true }));
});
document.addEventListener("change", (event) => {
  const chosen = event.target.type === "file" && event.target.parentElement.querySelector("[data-chosen]");
  if (chosen) chosen.textContent = [...event.target.files].map((file) => file.name).join(", ");
});
document.querySelector("[data-focus]")?.focus();
