// Dialogs, menus, tables and words that pass.

import {h, put, icon} from "/assets/dom.js";
import {Refused} from "/assets/api.js";

const toasts = document.getElementById("toasts");

/** toast says something that goes away by itself. */
export function toast(text, kind = "good") {
  const shown = h("div", {class: `toast ${kind}`}, text);
  toasts.append(shown);
  setTimeout(() => shown.remove(), kind === "bad" ? 8000 : 4000);
}

/** textOf gives an error for people. */
export const textOf = (error) => (error instanceof Refused ? error.text : String(error.message || error));

/** act does something and says how it went. */
export async function act(doing, done) {
  try {
    await doing();
    if (done) toast(done);
    return true;
  } catch (error) {
    toast(textOf(error), "bad");
    return false;
  }
}

let ids = 0;

// field makes one input of a form: {name, label, type, value, options, hint, ...}.
function field(spec) {
  const id = `field-${++ids}`;
  const common = {id, name: spec.name, required: spec.required, disabled: spec.disabled, autocomplete: spec.autocomplete || "off", "aria-describedby": spec.hint ? `${id}-hint` : null};
  let input;
  if (spec.type === "select") {
    input = h("select", common, spec.options.map(([value, text]) => h("option", {value, selected: String(spec.value) === value}, text)));
  } else if (spec.type === "textarea") {
    input = h("textarea", {...common, rows: "3", maxlength: String(spec.max || 512)}, spec.value || "");
  } else if (spec.type === "checkbox") {
    input = h("input", {...common, type: "checkbox", checked: Boolean(spec.value)});
    return h("div", {class: "field check"}, input, h("label", {for: id}, spec.label), spec.hint && h("p", {class: "hint", id: `${id}-hint`}, spec.hint));
  } else {
    input = h("input", {...common, type: spec.type || "text", min: spec.min, max: spec.type === "number" ? spec.max : null, step: spec.step,
      maxlength: spec.type === "number" ? null : String(spec.max || 512), placeholder: spec.placeholder, list: spec.list ? `${id}-list` : null});
    input.value = spec.value ?? "";
  }
  return h("div", {class: "field"}, h("label", {for: id}, spec.label), input,
    spec.list && h("datalist", {id: `${id}-list`}, spec.list.map((value) => h("option", {value}))),
    spec.hint && h("p", {class: "hint", id: `${id}-hint`}, spec.hint));
}

/** form makes fields, and values() reads them. */
export function form(specs) {
  const element = h("div", {class: "fields"}, specs.map(field));
  const values = () => {
    const read = {};
    for (const spec of specs) {
      const input = element.querySelector(`[name="${spec.name}"]`);
      if (spec.type === "checkbox") read[spec.name] = input.checked;
      else if (spec.type === "number" || spec.number) read[spec.name] = input.value === "" ? undefined : Number(input.value);
      else read[spec.name] = input.value;
    }
    return read;
  };
  return {element, values};
}

/** ask opens a dialog with fields. onSubmit gets the values; while it fails the
 *  dialog stays, and says why. It resolves to what onSubmit gives, or null. */
export function ask({title, text, fields = [], submit = "OK", danger = false, onSubmit, extra}) {
  return new Promise((resolve) => {
    const {element, values} = form(fields);
    const alert = h("p", {class: "alert", role: "alert", hidden: true});
    const button = h("button", {type: "submit", class: danger ? "danger" : "primary"}, submit);
    let result = null;
    const titleID = `dialog-${++ids}`;
    const dialog = h("dialog", {"aria-labelledby": titleID},
      h("form", {method: "dialog", novalidate: false, onsubmit: async (event) => {
        event.preventDefault();
        button.disabled = true;
        alert.hidden = true;
        try {
          result = (onSubmit ? await onSubmit(values(), {alert}) : values()) ?? true;
          dialog.close();
        } catch (error) {
          put(alert, textOf(error));
          alert.hidden = false;
        } finally {
          button.disabled = false;
        }
      }},
      h("h2", {id: titleID}, title), text && h("p", {class: "dim"}, text), element, extra, alert,
      h("div", {class: "buttons"}, h("button", {type: "button", onclick: () => dialog.close()}, "Cancel"), button)));
    dialog.addEventListener("close", () => { dialog.remove(); resolve(result); });
    document.body.append(dialog);
    dialog.showModal();
    const first = dialog.querySelector(".field input, .field select, .field textarea");
    (first || button).focus();
  });
}

export const reasonField = {name: "reason", label: "Reason", max: 512, hint: "For the audit log; whom it is about may see it."};

/** confirm asks whether something is to be done, and why. */
export const confirm = (title, text, submit, onSubmit) =>
  ask({title, text, fields: [reasonField], submit, danger: true, onSubmit: ({reason}) => onSubmit(reason)});

/** show opens a dialog with something to read. */
export function show(title, ...content) {
  const titleID = `dialog-${++ids}`;
  const dialog = h("dialog", {"aria-labelledby": titleID}, h("form", {method: "dialog"},
    h("h2", {id: titleID}, title), content, h("div", {class: "buttons"}, h("button", {class: "primary", autofocus: true}, "Close"))));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** secret shows a text that is shown once, with a button that copies it. */
export function secret(text, label) {
  const shown = h("code", {class: "secret", tabindex: "0", "aria-label": label}, text);
  return h("div", {class: "secret-row"}, shown, copyButton(text, `Copy ${label}`));
}

export function copyButton(text, label = "Copy") {
  return h("button", {type: "button", "aria-label": label, title: label, onclick: async () => {
    try {
      await navigator.clipboard.writeText(text);
      toast("Copied");
    } catch {
      toast("This browser does not let the page copy: select the text and copy it", "bad");
    }
  }}, icon("copy"));
}

/** menu makes a button that opens a list of [text, action, {danger, disabled}]. */
export function menu(label, items, face = icon("more")) {
  const button = h("button", {type: "button", class: "quiet", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": label, title: label}, face);
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    openMenu(button, items());
  });
  return button;
}

let closeOpenMenu = () => {};

/** openMenu opens a list of actions at an element. */
export function openMenu(at, items) {
  closeOpenMenu();
  const entries = items.filter(Boolean).map(([text, action, how = {}]) =>
    h("button", {type: "button", role: "menuitem", tabindex: "-1", class: how.danger ? "danger-text" : "", disabled: how.disabled, onclick: () => { close(); action(); }}, text));
  if (entries.length === 0) return;
  const list = h("div", {class: "menu", role: "menu"}, entries);
  const close = () => {
    closeOpenMenu = () => {};
    list.remove();
    at.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
    if (document.activeElement === document.body) at.focus();
  };
  const outside = (event) => { if (!list.contains(event.target)) close(); };
  list.addEventListener("keydown", (event) => {
    const enabled = entries.filter((entry) => !entry.disabled);
    const index = enabled.indexOf(document.activeElement);
    const to = {ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: -1}[event.key];
    if (to !== undefined) {
      event.preventDefault();
      enabled.at(to % enabled.length).focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      close();
      at.focus();
    }
  });
  document.body.append(list);
  const box = at.getBoundingClientRect();
  const left = Math.max(8, Math.min(box.right - list.offsetWidth, innerWidth - list.offsetWidth - 8));
  const under = box.bottom + list.offsetHeight + 8 < innerHeight;
  list.style.left = `${left + scrollX}px`;
  list.style.top = `${(under ? box.bottom + 4 : Math.max(8, box.top - list.offsetHeight - 4)) + scrollY}px`;
  at.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", outside, true);
  closeOpenMenu = close;
  (entries.find((entry) => !entry.disabled) || list).focus();
}

/** listing is a table that reads its pages. load(page) gives {items, next}; columns
 *  are {title, cell(item), narrow}; a row's actions are the last column. */
export function listing({caption, columns, load, empty, key = (item) => item.id}) {
  const body = h("tbody");
  const more = h("button", {type: "button", hidden: true, onclick: () => read(true)}, "Show more");
  const note = h("div", {class: "note", "aria-live": "polite"});
  const table = h("table", {}, h("caption", {class: "sr"}, caption),
    h("thead", {}, h("tr", {}, columns.map((column) => h("th", {scope: "col", class: column.class}, column.title || h("span", {class: "sr"}, "Actions"))))), body);
  const element = h("div", {class: "listing"}, h("div", {class: "scroll"}, table), note, more);
  let next = "";
  let turn = 0;
  const row = (item) => h("tr", {"data-key": String(key(item))}, columns.map((column) => h("td", {class: column.class, "data-title": column.title || ""}, column.cell(item))));
  async function read(further) {
    const mine = ++turn;
    if (!further) {
      element.classList.add("reading");
      if (!body.firstChild) put(body, [1, 2, 3].map(() => h("tr", {class: "skeleton", "aria-hidden": "true"}, columns.map(() => h("td", {}, h("span", {class: "bar"}))))));
    }
    put(note);
    try {
      const page = await load(further ? next : "");
      if (mine !== turn) return;
      if (further) body.append(...page.items.map(row));
      else put(body, page.items.map(row));
      next = page.next || "";
      more.hidden = !next;
      table.hidden = !body.firstChild;
      if (!body.firstChild) put(note, h("p", {class: "empty"}, empty));
    } catch (error) {
      if (mine !== turn) return;
      put(body);
      table.hidden = true;
      more.hidden = true;
      put(note, h("p", {class: "alert", role: "alert"}, textOf(error)), h("button", {type: "button", onclick: () => read(false)}, "Try again"));
    } finally {
      element.classList.remove("reading");
    }
  }
  return {element, reload: () => read(false)};
}

/** page makes a view's frame. */
export function page(title, actions, ...content) {
  return h("section", {class: "page", "aria-labelledby": "page-title"}, h("header", {class: "page-head"}, h("h1", {id: "page-title", tabindex: "-1"}, title), h("div", {class: "actions"}, actions)), content);
}

export const button = (text, onclick, props = {}) => h("button", {type: "button", onclick, ...props}, text);

/** searchBox calls f a moment after the last key. */
export function searchBox(label, f) {
  let timer = 0;
  return h("input", {type: "search", class: "search", placeholder: label, "aria-label": label, oninput: (event) => {
    clearTimeout(timer);
    timer = setTimeout(() => f(event.target.value.trim()), 250);
  }});
}
