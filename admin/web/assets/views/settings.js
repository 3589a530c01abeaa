// What can be changed while the server runs.

import {h, put, roles} from "/assets/dom.js";
import {call, get} from "/assets/api.js";
import {form, page, reasonField, textOf, toast} from "/assets/ui.js";

const day = 86400;

export function mount(main, {me}) {
  const at = h("div", {class: "card form"}, h("p", {class: "dim"}, "Reading the settings…"));
  put(main, page("Settings", [], at));
  read();

  async function read() {
    let now;
    try {
      now = await get("/api/settings");
    } catch (error) {
      put(at, h("p", {class: "alert", role: "alert"}, textOf(error)), h("button", {type: "button", onclick: read}, "Try again"));
      return;
    }
    const owner = me.role >= roles.owner;
    const make = (spec) => {
      const fixed = now.fixed.includes(spec.name);
      return {...spec, value: spec.name === "history_seconds" ? now.history_seconds / day : now[spec.name], disabled: fixed || !owner, hint: fixed ? "Set in the server's configuration: change it there." : spec.hint};
    };
    const specs = [
      {name: "name", label: "Name", required: true, max: 64, hint: "What people read."},
      {name: "public_address", label: "Public address", max: 300, placeholder: "voice.example.org:7788", hint: "Where clients reach the server, for the links of invites."},
      {name: "registration", label: "Who may make an account", type: "select", options: [["open", "everyone"], ["invite", "whoever has an invite"], ["closed", "nobody"]]},
      {name: "guests", label: "People may come without an account", type: "checkbox"},
      {name: "keep_chat", label: "Chat is kept", type: "checkbox"},
      {name: "history_seconds", label: "Chat is kept for, days", type: "number", min: "0", step: "any", hint: "0: for good."},
      {name: "kick_seconds", label: "Who was kicked is refused for, seconds", type: "number", min: "0", max: "86400"},
      {name: "ping", label: "A ping before login is answered", type: "checkbox", hint: "For lists of servers in clients."},
    ].map(make);
    const {element, values} = form([...specs, ...(owner ? [reasonField] : [])]);
    const alert = h("p", {class: "alert", role: "alert", hidden: true});
    const button = h("button", {type: "submit", class: "primary"}, "Save");
    put(at, h("form", {onsubmit: async (event) => {
      event.preventDefault();
      const {reason, ...all} = values();
      all.history_seconds = Math.round((all.history_seconds || 0) * day);
      const body = Object.fromEntries(Object.entries(all).filter(([key, value]) => value !== now[key] && !now.fixed.includes(key)));
      button.disabled = true;
      alert.hidden = true;
      try {
        await call("PATCH", "/api/settings", {body, reason, etag: now.etag});
        toast("Saved");
        read();
      } catch (error) {
        put(alert, textOf(error));
        alert.hidden = false;
        button.disabled = false;
      }
    }}, element, alert, owner ? h("div", {class: "buttons"}, button) : h("p", {class: "hint"}, "Owners change these.")));
  }
}
