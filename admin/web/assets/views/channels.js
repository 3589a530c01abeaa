// The channels as a table.

import {h, put, icon, name, roleBadge, roles} from "/assets/dom.js";
import {post} from "/assets/api.js";
import {live, on, tree} from "/assets/live.js";
import {ask, button, menu, page, reasonField, toast} from "/assets/ui.js";
import {editChannel, newChannel, moveChannel, deleteChannel} from "/assets/views/channelforms.js";

const bitrate = (ch) => ask({
  title: `Bitrate of ${ch.name}`, submit: "Set", text: "Those who speak follow at once.",
  fields: [{name: "kbits", label: "kbit/s", type: "number", min: "6", max: "510", required: true, value: ch.bitrate / 1000}, reasonField],
  onSubmit: async ({kbits, reason}) => { await post("/api/channel/bitrate", {channel: ch.id, bitrate: Math.round(kbits * 1000)}, reason); toast("Set"); },
});

export function mount(main, {me}) {
  const admin = me.role >= roles.admin;
  const body = h("tbody");
  const titles = ["Channel", "May join", "May speak", "May write", "People", "Bitrate"];
  put(main, page("Channels", [admin && h("button", {type: "button", class: "primary", onclick: () => newChannel(0)}, icon("plus"), "New channel")],
    h("div", {class: "listing"}, h("div", {class: "scroll"}, h("table", {}, h("caption", {class: "sr"}, "Channels"), h("thead", {}, h("tr", {}, titles.map((title) => h("th", {scope: "col"}, title)), h("th", {scope: "col"}, h("span", {class: "sr"}, "Actions")))), body)))));
  const draw = () => put(body, tree().rows.map(({channel: ch, depth, people}) => {
    const first = h("td", {"data-title": "Channel", class: "deep"}, name(ch.name), ch.temporary && h("span", {class: "tag"}, "temporary"), ch.see_role > 0 && h("span", {class: "tag"}, "hidden below ", roleBadge(ch.see_role)), ch.topic && h("div", {class: "dim small"}, h("bdi", {}, ch.topic)));
    first.style.setProperty("--depth", Math.min(depth, 12));
    const cell = (title, ...content) => h("td", {"data-title": title}, content);
    return h("tr", {"data-key": String(ch.id)}, first, cell("May join", roleBadge(ch.required_role)), cell("May speak", roleBadge(Math.max(ch.speak_role, ch.required_role))), cell("May write", roleBadge(Math.max(ch.write_role, ch.required_role))),
      cell("People", ch.max_users ? `${people.length} / ${ch.max_users}` : people.length),
      cell("Bitrate", admin ? button(`${ch.bitrate / 1000} kbit/s`, () => bitrate(ch), {class: "link", "aria-label": `Change the bitrate of ${ch.name}, ${ch.bitrate / 1000} kbit/s`}) : `${ch.bitrate / 1000} kbit/s`),
      h("td", {class: "end"}, admin && menu(`Actions on the channel ${ch.name}`, () => [["Edit…", () => editChannel(ch.id)], ["Bitrate…", () => bitrate(ch)], ["New channel inside…", () => newChannel(ch.id)], ["Move…", () => moveChannel(ch)], ["Delete…", () => deleteChannel(ch), {danger: true}]])));
  }), live.ready && live.channels.size === 0 && h("tr", {}, h("td", {colspan: "7", class: "empty"}, "There are no channels. Make one, so that people can talk.")));
  const off = on("people", draw);
  draw();
  return off;
}
