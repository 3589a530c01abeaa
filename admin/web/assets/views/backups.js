// Copies of the server's data.

import {h, put, icon, bytes, roles, when} from "/assets/dom.js";
import {get, call} from "/assets/api.js";
import {act, listing, page} from "/assets/ui.js";

export function mount(main, {me}) {
  const list = listing({
    caption: "Backups", empty: "There is no backup yet. Make one now, or set backup-every in the server's configuration.", load: () => get("/api/backups"), key: (backup) => backup.name,
    columns: [
      {title: "Made", cell: (backup) => when(backup.made)}, {title: "File", cell: (backup) => h("code", {}, backup.name)}, {title: "Size", cell: (backup) => bytes(backup.size)},
      {class: "end", cell: (backup) => me.role >= roles.owner && h("a", {class: "button", href: `/api/backups/${encodeURIComponent(backup.name)}`, download: backup.name.replace(/\.tar$/, ".db"), "aria-label": `Download ${backup.name}`}, "Download")},
    ],
  });
  const make = h("button", {type: "button", class: "primary", onclick: async () => {
    make.disabled = true;
    put(make, "Making…");
    await act(() => call("POST", "/api/backups"), "The backup is made");
    put(make, icon("plus"), "Back up now");
    make.disabled = false;
    list.reload();
  }}, icon("plus"), "Back up now");
  put(main, page("Backups", [make], h("p", {class: "hint"}, "An owner can download the database of one, without password hashes, tokens, keys and direct messages. To put the server back as it was, use voiceapp-server restore with the file on the server's disk."), list.element));
  list.reload();
}
