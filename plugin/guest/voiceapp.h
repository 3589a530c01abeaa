// voiceapp.h: what a plugin that is written in C includes. It needs no library.
//
//	#include "voiceapp.h"
//
//	VOICEAPP_MANIFEST("manifest.json")
//
//	int voiceapp_audio_changed(float *pcm, int frames, int channels, int speaking) {
//		for (int i = 0; i < frames * channels; i++)
//			pcm[i] *= 0.5f;
//		return speaking;
//	}
//	VOICEAPP_AUDIO(voiceapp_audio_changed)
//
// Compiled by clang 14 or later, it is a plugin:
//
//	clang --target=wasm32 -O3 -msimd128 -nostdlib -Wl,--no-entry -o half.wasm half.c
//
// ../ABI.md says what all of it means.
#ifndef VOICEAPP_H
#define VOICEAPP_H

#include <stddef.h>
#include <stdint.h>

#define VOICEAPP_EXPORT(name) __attribute__((export_name(name)))

// VOICEAPP_MANIFEST puts a file into the module as its manifest. The path is relative to
// where the compiler runs.
#define VOICEAPP_MANIFEST(file) __asm__(".section .custom_section.voiceapp.manifest,\"\",@\n.incbin \"" file "\"\n.text\n");

// --- sound ---

enum { VOICEAPP_MAX_FRAMES = 2880, VOICEAPP_SPEAKING = 1 };

static float voiceapp_buffer[2 * VOICEAPP_MAX_FRAMES];
static int voiceapp_rate = 48000, voiceapp_channels = 1;

// VOICEAPP_AUDIO names the function that changes a frame in place. In silence speaking
// is 0 and the samples are 0; what it returns takes speaking's place.
#define VOICEAPP_AUDIO(function) \
	VOICEAPP_EXPORT("voiceapp_audio_open") float *voiceapp_open(int rate, int channels, int most) { \
		(void)most; \
		voiceapp_rate = rate, voiceapp_channels = channels; \
		return voiceapp_buffer; \
	} \
	VOICEAPP_EXPORT("voiceapp_audio") int voiceapp_audio(int frames, int flags) { \
		return function(voiceapp_buffer, frames, voiceapp_channels, flags & VOICEAPP_SPEAKING) ? VOICEAPP_SPEAKING : 0; \
	}

// --- memory ---

// What the host lends is given back before it lends again, so that one place for it is
// enough.
static char voiceapp_lent[68 << 10];

VOICEAPP_EXPORT("voiceapp_alloc") void *voiceapp_alloc(size_t size) { return size <= sizeof voiceapp_lent ? voiceapp_lent : 0; }
VOICEAPP_EXPORT("voiceapp_free") void voiceapp_free(void *p, size_t size) { (void)p, (void)size; }

// The compiler calls these.
void *memcpy(void *to, const void *from, size_t n) {
	for (size_t i = 0; i < n; i++)
		((volatile char *)to)[i] = ((const char *)from)[i];
	return to;
}
void *memset(void *to, int c, size_t n) {
	for (size_t i = 0; i < n; i++)
		((volatile char *)to)[i] = (char)c;
	return to;
}

// --- the log ---

__attribute__((import_module("voiceapp"), import_name("log"))) void voiceapp_log_bytes(int level, const char *text, size_t size);

static inline size_t voiceapp_length(const char *text) {
	size_t n = 0;
	while (text[n])
		n++;
	return n;
}

// voiceapp_log writes a line to the log: level 0 debug, 1 info, 2 warning, 3 error.
static inline void voiceapp_log(int level, const char *text) { voiceapp_log_bytes(level, text, voiceapp_length(text)); }

// --- JSON: what lines and settings are, an object without objects in it ---

// voiceapp_find returns where the value of a key begins, or 0.
static inline const char *voiceapp_find(const char *json, size_t size, const char *key) {
	size_t want = voiceapp_length(key);
	for (size_t i = 0; i < size; i++) {
		if (json[i] != '"')
			continue;
		size_t begin = ++i;
		for (; i < size && json[i] != '"'; i++)
			i += json[i] == '\\';
		size_t length = i - begin, same = 0, after = i + 1;
		while (same < length && same < want && json[begin + same] == key[same])
			same++;
		while (after < size && (json[after] == ' ' || json[after] == ':'))
			after++;
		if (same == want && length == want && after < size && i + 1 < size && json[i + 1] == ':')
			return json + after;
	}
	return 0;
}

// voiceapp_text copies the text of a key, without its escapes, and a 0 behind it, to
// out. It returns its length, or -1 where there is none or it does not fit.
static inline int voiceapp_text(const char *json, size_t size, const char *key, char *out, int room) {
	const char *at = voiceapp_find(json, size, key), *end = json + size;
	if (!at || *at != '"')
		return -1;
	int n = 0;
	for (at++; at < end && *at != '"'; at++) {
		uint32_t c = (unsigned char)*at;
		if (c == '\\' && ++at < end) {
			c = (unsigned char)*at;
			if (c == 'n')
				c = '\n';
			else if (c == 't')
				c = '\t';
			else if (c == 'r' || c == 'b' || c == 'f')
				c = ' ';
			else if (c == 'u') {
				c = 0;
				for (int i = 0; i < 4 && at + 1 < end; i++) {
					int digit = *++at;
					c = c * 16 + (uint32_t)(digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10);
				}
			}
			if (c >= 0x80) { // only what is escaped needs to be made UTF-8
				if (n + 3 >= room)
					return -1;
				if (c >= 0x800)
					out[n++] = (char)(0xe0 | c >> 12), out[n++] = (char)(0x80 | (c >> 6 & 0x3f));
				else
					out[n++] = (char)(0xc0 | c >> 6);
				c = 0x80 | (c & 0x3f);
			}
		}
		if (n + 1 >= room)
			return -1;
		out[n++] = (char)c;
	}
	out[n] = 0;
	return n;
}

// voiceapp_number returns the number of a key, or what is given for want of one.
static inline double voiceapp_number(const char *json, size_t size, const char *key, double otherwise) {
	const char *at = voiceapp_find(json, size, key), *end = json + size;
	if (!at || !(*at == '-' || (*at >= '0' && *at <= '9')))
		return otherwise;
	double sign = 1, value = 0, scale = 0;
	int exponent = 0, exponent_sign = 1;
	if (*at == '-')
		sign = -1, at++;
	for (; at < end && ((*at >= '0' && *at <= '9') || *at == '.'); at++) {
		if (*at == '.')
			scale = 1;
		else if (scale == 0)
			value = value * 10 + (*at - '0');
		else
			value += (*at - '0') * (scale /= 10);
	}
	if (at < end && (*at | 32) == 'e') {
		at++;
		if (at < end && (*at == '-' || *at == '+'))
			exponent_sign = *at++ == '-' ? -1 : 1;
		for (; at < end && *at >= '0' && *at <= '9' && exponent < 400; at++)
			exponent = exponent * 10 + (*at - '0');
	}
	for (; exponent > 0; exponent--)
		value = exponent_sign < 0 ? value / 10 : value * 10;
	return sign * value;
}

// --- answers of a chat hook ---

enum { VOICEAPP_UNCHANGED = 0 };
#define VOICEAPP_DROP ((uint64_t)-1)

static char voiceapp_said[28 << 10];

static inline size_t voiceapp_put(size_t at, const char *text) {
	while (*text && at + 1 < sizeof voiceapp_said)
		voiceapp_said[at++] = *text++;
	return at;
}

static inline size_t voiceapp_put_quoted(size_t at, const char *text) {
	static const char digits[] = "0123456789abcdef";
	at = voiceapp_put(at, "\"");
	for (; *text && at + 8 < sizeof voiceapp_said; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '"' || c == '\\')
			voiceapp_said[at++] = '\\', voiceapp_said[at++] = (char)c;
		else if (c < 0x20)
			at = voiceapp_put(at, "\\u00"), voiceapp_said[at++] = digits[c >> 4], voiceapp_said[at++] = digits[c & 15];
		else
			voiceapp_said[at++] = (char)c;
	}
	return voiceapp_put(at, "\"");
}

// voiceapp_answer is the result of a chat hook: text takes the line's place (0: it
// stays), reply is for the writer alone (0: none).
static inline uint64_t voiceapp_answer(const char *text, int drop, const char *reply) {
	size_t n = voiceapp_put(0, drop ? "{\"drop\":true" : "{\"drop\":false");
	if (text)
		n = voiceapp_put_quoted(voiceapp_put(n, ",\"text\":"), text);
	if (reply)
		n = voiceapp_put_quoted(voiceapp_put(n, ",\"reply\":"), reply);
	n = voiceapp_put(n, "}");
	return (uint64_t)(uintptr_t)voiceapp_said << 32 | n;
}

// --- arithmetic ---

#define VOICEAPP_PI 3.14159265358979f

// voiceapp_sin is the sine of a phase in turns, within 1e-4.
static inline float voiceapp_sin(float turns) {
	float x = turns - __builtin_floorf(turns + 0.5f); // -0.5 to 0.5
	if (x > 0.25f)
		x = 0.5f - x;
	else if (x < -0.25f)
		x = -0.5f - x;
	float a = 2 * VOICEAPP_PI * x, s = a * a;
	return a * (1 - s / 6 * (1 - s / 20 * (1 - s / 42)));
}

// voiceapp_exp2 is 2 to the power of x, within 1e-4 of itself.
static inline float voiceapp_exp2(float x) {
	if (x < -100)
		return 0;
	float whole = __builtin_floorf(x), part = x - whole;
	union { uint32_t bits; float value; } scale = {.bits = (uint32_t)((int)whole + 127) << 23};
	return scale.value * (1 + part * (0.6931472f + part * (0.2402265f + part * (0.0555041f + part * 0.0096181f))));
}

// voiceapp_gain is a gain for decibels.
static inline float voiceapp_gain(float decibels) { return voiceapp_exp2(decibels * 0.16609640f); }

#endif
