// What guests for tests answer to some lines of chat.
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

__attribute__((import_module("voiceapp"), import_name("log"))) void log_line(int level, const char *text, size_t size);

static char arena[1 << 17];

EXPORT("voiceapp_alloc") void *alloc(size_t size) { return size <= sizeof arena ? arena : 0; }
EXPORT("voiceapp_free") void release(void *p, size_t size) { (void)p, (void)size; }

static const char *find(const char *text, size_t size, const char *word) {
	for (size_t i = 0, n; i < size; i++) {
		for (n = 0; word[n] && i + n < size && text[i + n] == word[n]; n++)
			;
		if (!word[n])
			return text + i + n;
	}
	return 0;
}

static uint64_t say(const char *json) {
	size_t n = 0;
	while (json[n])
		n++;
	return (uint64_t)(uintptr_t)json << 32 | n;
}

EXPORT("voiceapp_chat") uint64_t chat(const char *text, size_t size) {
	if (find(text, size, "\"drop me\""))
		return (uint64_t)-1;
	if (find(text, size, "\"change me\""))
		return say("{\"text\":\"changed\",\"reply\":\"done\"}");
	if (find(text, size, "\"refuse me\""))
		return say("{\"drop\":true,\"reply\":\"not here\"}");
	if (find(text, size, "\"log\"")) {
		log_line(2, "hello", 5);
		return 0;
	}
	if (find(text, size, "\"nonsense\""))
		return say("{\"txt\":1}");
	if (find(text, size, "\"trap\""))
		__builtin_trap();
	if (find(text, size, "\"hang\""))
		for (;;)
			__asm__ volatile("");
	return 0;
}
