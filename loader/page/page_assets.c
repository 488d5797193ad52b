// SPDX-License-Identifier: GPL-2.0-only
/*
 * Embeds the files of loader/page/ in the program, unchanged. The paths are relative to
 * the top directory, where make runs.
 */
#define FILE(name) ".incbin \"loader/page/" name "\"\n"

#define ASSET(symbol, files)			\
	__asm__(".section .rodata\n"		\
		".global " #symbol "\n"		\
		#symbol ":\n"			\
		files				\
		".byte 0\n"			\
		".previous\n")

ASSET(page_html, FILE("page.html"));
ASSET(page_css, FILE("page.css"));
ASSET(page_js, FILE("trace.js") FILE("draw.js") FILE("layout.js") FILE("ui.js")
	       FILE("main.js"));
