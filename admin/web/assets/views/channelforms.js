// What changes channels, for the views that show them.

import {roleOptions} from "/assets/dom.js";
import {call, get, post, remove} from "/assets/api.js";
import {tree, pathOf} from "/assets/live.js";
import {ask, reasonField, toast} from "/assets/ui.js";

const rates = ["16", "24", "32", "48", "64", "96", "128"];

const fields = (ch) => [
  {name: "name", label: "Name", value: ch.name, required: true, max: 64},
  {name: "topic", label: "Topic", value: ch.topic, max: 512},
  {name: "bitrate", label: "Bitrate, kbit/s", type: "number", min: "6", max: "510", value: ch.bitrate ? ch.bitrate / 1000 : 64, list: rates, hint: "The most of one speaker. Those who speak follow at once."},
  {name: "required_role", label: "May join", type: "select", number: true, value: ch.required_role || 0, options: roleOptions(40, ch.required_role)},
  {name: "speak_role", label: "May speak", type: "select", number: true, value: ch.speak_role || 0, options: roleOptions(40, ch.speak_role)},
  {name: "write_role", label: "May write", type: "select", number: true, value: ch.write_role || 0, options: roleOptions(40, ch.write_role)},
  {name: "see_role", label: "May see it", type: "select", number: true, value: ch.see_role || 0, options: roleOptions(40, ch.see_role), hint: "To the others it does not exist."},
  {name: "max_users", label: "Most people", type: "number", min: "0", max: "10000", value: ch.max_users || 0, hint: "0: no limit"},
  {name: "loudest", label: "Heard at once", type: "number", min: "-1", max: "1000", value: ch.loudest || 0, hint: "The loudest so many. 0: as the server says, -1: all"},
  {name: "temporary", label: "Vanishes when the last one leaves", type: "checkbox", value: ch.temporary},
];

const bodyOf = ({reason, bitrate, ...values}) => ({...values, bitrate: Math.round((bitrate || 0) * 1000)});

export const newChannel = (parent) => ask({
  title: parent ? `New channel in ${pathOf(parent)}` : "New channel", submit: "Create", fields: [...fields({}), reasonField],
  onSubmit: async (values) => { const made = await post("/api/channels", {...bodyOf(values), parent}, values.reason); toast(`${made.name} is there`); return made; },
});

/** editChannel edits what is there by now, and is told when somebody else was first. */
export async function editChannel(id) {
  const ch = await get(`/api/channels/${id}`);
  return ask({
    title: `Edit ${ch.name}`, submit: "Save", fields: [...fields(ch), reasonField],
    onSubmit: async (values) => {
      const body = bodyOf(values);
      for (const key of Object.keys(body)) if (body[key] === ch[key]) delete body[key];
      const saved = await call("PATCH", `/api/channels/${id}`, {body, reason: values.reason, etag: ch.etag});
      toast("Saved");
      return saved;
    },
  });
}

export const moveChannel = (ch) => ask({
  title: `Move ${ch.name}`, submit: "Move",
  fields: [
    {name: "parent", label: "Below", type: "select", number: true, value: ch.parent, options: [["0", "the top"], ...tree().rows.filter(({channel}) => channel.id !== ch.id).map(({channel, path}) => [String(channel.id), path])]},
    {name: "position", label: "Place among its siblings", type: "number", min: "0", value: 0, hint: "1: the first; 0: the last"}, reasonField,
  ],
  onSubmit: async ({parent, position, reason}) => { const moved = await post(`/api/channels/${ch.id}/move`, {parent, position: position || 0}, reason); toast("Moved"); return moved; },
});

export const deleteChannel = (ch) => ask({
  title: `Delete ${ch.name}?`, danger: true, submit: "Delete", text: "What was written to it goes too. Those who are in it are moved to the channel above.",
  fields: [{name: "recursive", label: "With all channels below it", type: "checkbox"}, reasonField],
  onSubmit: async ({recursive, reason}) => { await remove(`/api/channels/${ch.id}${recursive ? "?recursive=true" : ""}`, reason); toast(`${ch.name} is deleted`); return true; },
});
