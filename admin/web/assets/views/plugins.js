// What extends the server.

import {h, put, name} from "/assets/dom.js";
import {get} from "/assets/api.js";
import {listing, page} from "/assets/ui.js";

export function mount(main) {
  const list = listing({
    caption: "Plugins", empty: "The server runs no plugins.", load: () => get("/api/plugins"), key: (plugin) => plugin.name,
    columns: [
      {title: "Name", cell: (plugin) => [name(plugin.name), " ", h("span", {class: "dim"}, plugin.version)]}, {title: "By", cell: (plugin) => name(plugin.author)},
      {title: "Hooks", cell: (plugin) => plugin.hooks.map((hook) => h("span", {class: "tag"}, hook))},
      {title: "State", cell: (plugin) => h("span", {class: plugin.state === "running" ? "tag good" : plugin.enabled ? "tag bad" : "tag"}, plugin.state)},
      {title: "Calls", cell: (plugin) => plugin.calls}, {title: "Too slow", cell: (plugin) => plugin.missed},
      {title: "A call takes", cell: (plugin) => plugin.calls ? `${(1000 * plugin.seconds / plugin.calls).toFixed(2)} ms` : ""},
    ],
  });
  put(main, page("Plugins", [], list.element));
  list.reload();
}
