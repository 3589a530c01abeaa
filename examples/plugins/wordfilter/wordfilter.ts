// wordfilter puts asterisks in the place of words that are not wanted.

let words: string[] = [];
let beginnings: string[] = []; // of words
let refuse = false;

// What the host is given stays here until it gives it back.
const held = new Map<usize, ArrayBuffer>();

export function voiceapp_alloc(size: u32): usize {
	const b = new ArrayBuffer(size > 0 ? size : 1);
	const at = changetype<usize>(b);
	held.set(at, b);
	return at;
}

export function voiceapp_free(at: usize, _size: u32): void {
	held.delete(at);
}

// The place of the standard library's abort: what goes wrong is a trap.
export function abort(_message: string, _file: string, _line: u32, _column: u32): void {
	unreachable();
}

export function voiceapp_settings(at: usize, size: u32): u32 {
	const json = String.UTF8.decodeUnsafe(at, size);
	words = [];
	beginnings = [];
	const list = textOf(json, "words").split(",");
	for (let i = 0; i < list.length; i++) {
		const word = list[i].trim().toLowerCase();
		if (word.endsWith("*")) {
			if (word.length > 1) beginnings.push(word.substring(0, word.length - 1));
		} else if (word.length > 0) {
			words.push(word);
		}
	}
	refuse = json.includes('"refuse":true');
	return 0;
}

export function voiceapp_chat(at: usize, size: u32): u64 {
	const text = textOf(String.UTF8.decodeUnsafe(at, size), "text");
	const clean = filter(text);
	if (clean == text) return 0;
	if (refuse) return give('{"drop":true,"reply":"The line has a word that is not wanted here."}');
	return give('{"text":' + quote(clean) + "}");
}

function give(answer: string): u64 {
	const bytes = String.UTF8.encode(answer);
	const at = voiceapp_alloc(<u32>bytes.byteLength);
	memory.copy(at, changetype<usize>(bytes), bytes.byteLength);
	return ((<u64>at) << 32) | (<u64>bytes.byteLength);
}

// filter replaces each letter of each word that is not wanted.
function filter(text: string): string {
	let result = "";
	for (let i = 0; i < text.length; ) {
		let end = i;
		while (end < text.length && isLetter(text.charCodeAt(end))) end++;
		if (end == i) {
			result += text.charAt(i++);
			continue;
		}
		const word = text.substring(i, end);
		result += unwanted(word.toLowerCase()) ? "*".repeat(lettersOf(word)) : word;
		i = end;
	}
	return result;
}

function unwanted(word: string): bool {
	if (words.includes(word)) return true;
	for (let i = 0; i < beginnings.length; i++) {
		if (word.startsWith(beginnings[i])) return true;
	}
	return false;
}

// isLetter takes all beyond ASCII but spaces and punctuation for letters.
function isLetter(c: i32): bool {
	if (c < 0x80) return (c >= 0x30 && c <= 0x39) || ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a) || c == 0x27;
	return c >= 0xaa && c != 0xab && c != 0xb7 && c != 0xbb && c != 0xbf && !(c >= 0x2000 && c <= 0x206f) && !(c >= 0x3000 && c <= 0x303f);
}

// lettersOf counts code points, and not the halves of pairs.
function lettersOf(word: string): i32 {
	let n = 0;
	for (let i = 0; i < word.length; i++) {
		const c = word.charCodeAt(i);
		if (c < 0xdc00 || c > 0xdfff) n++;
	}
	return n;
}

// textOf returns the text of a key of a flat JSON object, "" where there is none.
function textOf(json: string, key: string): string {
	for (let i = 0; i < json.length; i++) {
		if (json.charCodeAt(i) != 0x22) continue;
		const begin = i + 1;
		i = endOfString(json, begin);
		if (i + 2 < json.length && json.charCodeAt(i + 1) == 0x3a && json.charCodeAt(i + 2) == 0x22 && json.substring(begin, i) == key) {
			return unescape(json.substring(i + 3, endOfString(json, i + 3)));
		}
	}
	return "";
}

function endOfString(json: string, i: i32): i32 {
	while (i < json.length && json.charCodeAt(i) != 0x22) i += json.charCodeAt(i) == 0x5c ? 2 : 1;
	return i;
}

function unescape(text: string): string {
	let result = "";
	for (let i = 0; i < text.length; i++) {
		let c = text.charAt(i);
		if (c == "\\" && ++i < text.length) {
			c = text.charAt(i);
			if (c == "n") c = "\n";
			else if (c == "t") c = "\t";
			else if (c == "u") {
				c = String.fromCharCode(<i32>parseInt(text.substring(i + 1, i + 5), 16));
				i += 4;
			}
		}
		result += c;
	}
	return result;
}

function quote(text: string): string {
	let result = '"';
	for (let i = 0; i < text.length; i++) {
		const c = text.charCodeAt(i);
		if (c == 0x22 || c == 0x5c) result += "\\" + text.charAt(i);
		else if (c < 0x20) result += "\\u00" + (c < 16 ? "0" : "") + c.toString(16);
		else result += text.charAt(i);
	}
	return result + '"';
}
