// Why somebody may or may not.

import {h, put, roleBadge, roles} from "/assets/dom.js";
import {get, query} from "/assets/api.js";
import {live, on, tree} from "/assets/live.js";
import {page, textOf} from "/assets/ui.js";

const rights = [["see", "See it"], ["join", "Join, listen and whisper into it"], ["speak", "Speak in it"], ["write", "Write to it"]];

export function mount(main, {me}) {
  const asked = new URLSearchParams(location.hash.split("?")[1] || "");
  let channel = asked.get("channel") || "";
  const answer = h("div", {"aria-live": "polite"});
  const channels = h("select", {id: "channel", onchange: () => { channel = channels.value; explain(); }});
  const people = h("select", {id: "whom", onchange: () => { account.value = ""; explain(); }});
  const account = h("input", {id: "account", type: "number", min: "1", disabled: me.role < roles.moderator, oninput: () => { if (account.value) people.value = ""; explain(); }});
  put(main, page("Permissions", [], h("p", {class: "hint"}, "What somebody may do in a channel, and what keeps him from it: his role, a ban, a full channel, being muted."),
    h("div", {class: "card fields row"}, h("div", {class: "field"}, h("label", {for: "whom"}, "Who is here"), people), h("div", {class: "field"}, h("label", {for: "account"}, "or an account, by its number"), account), h("div", {class: "field"}, h("label", {for: "channel"}, "Channel"), channels)), answer));
  let turn = 0;
  async function explain() {
    const mine = ++turn;
    if (!channel) { put(answer, h("p", {class: "empty"}, "Choose a channel.")); return; }
    try {
      const said = await get(`/api/channels/${channel}/permissions` + query({session: people.value, user: people.value ? "" : account.value}));
      if (mine !== turn) return;
      put(answer, h("p", {}, people.value || account.value ? "With the role " : "You, with the role ", roleBadge(said.role)), h("ul", {class: "rights"}, rights.map(([key, title]) => h("li", {class: said[key].allowed ? "yes" : "no"},
        h("span", {class: "mark-yes", "aria-hidden": "true"}, said[key].allowed ? "✓" : "✕"), h("div", {}, h("b", {}, `${title}: ${said[key].allowed ? "yes" : "no"}`), said[key].reason && h("p", {class: "dim"}, said[key].reason))))));
    } catch (error) {
      if (mine === turn) put(answer, h("p", {class: "alert", role: "alert"}, textOf(error)));
    }
  }
  const fill = () => {
    const [whom, where] = [people.value, channel];
    put(people, h("option", {value: ""}, "nobody in particular: myself"), [...live.people.values()].sort((a, b) => a.name.localeCompare(b.name)).map((person) => h("option", {value: String(person.session)}, person.name)));
    put(channels, h("option", {value: ""}, "choose…"), tree().rows.map(({channel: ch, path}) => h("option", {value: String(ch.id)}, path)));
    people.value = [...people.options].some((o) => o.value === whom) ? whom : "";
    channels.value = where;
  };
  const off = on("people", fill);
  fill();
  explain();
  return off;
}
