#include "playground.h"

// The pages as bytes of the program, so that it stays a single file. A changed page compiles this file anew.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char index_html[] = {
#embed "pages/index.html"
};
static const unsigned char server_html[] = {
#embed "pages/server.html"
};
static const unsigned char style_css[] = {
#embed "pages/style.css"
};
static const unsigned char playground_css[] = {
#embed "pages/playground.css"
};
static const unsigned char server_css[] = {
#embed "pages/server.css"
};
static const unsigned char common_js[] = {
#embed "pages/common.js"
};
static const unsigned char settings_js[] = {
#embed "pages/settings.js"
};
static const unsigned char answer_js[] = {
#embed "pages/answer.js"
};
static const unsigned char chart_js[] = {
#embed "pages/chart.js"
};
static const unsigned char snippets_js[] = {
#embed "pages/snippets.js"
};
static const unsigned char measures_js[] = {
#embed "pages/measures.js"
};
static const unsigned char cards_js[] = {
#embed "pages/cards.js"
};
static const unsigned char problem_js[] = {
#embed "pages/problem.js"
};
static const unsigned char playground_js[] = {
#embed "pages/playground.js"
};
static const unsigned char metrics_js[] = {
#embed "pages/metrics.js"
};
static const unsigned char heads_js[] = {
#embed "pages/heads.js"
};
static const unsigned char server_js[] = {
#embed "pages/server.js"
};
static const unsigned char icon_svg[] = {
#embed "pages/icon.svg"
};

#define FILE_OF(name, bytes) {name, bytes, sizeof bytes}

static const struct playground_file files[] = {
    FILE_OF("index.html", index_html),
    FILE_OF("server.html", server_html),
    FILE_OF("style.css", style_css),
    FILE_OF("playground.css", playground_css),
    FILE_OF("server.css", server_css),
    FILE_OF("common.js", common_js),
    FILE_OF("settings.js", settings_js),
    FILE_OF("answer.js", answer_js),
    FILE_OF("chart.js", chart_js),
    FILE_OF("snippets.js", snippets_js),
    FILE_OF("measures.js", measures_js),
    FILE_OF("cards.js", cards_js),
    FILE_OF("problem.js", problem_js),
    FILE_OF("playground.js", playground_js),
    FILE_OF("metrics.js", metrics_js),
    FILE_OF("heads.js", heads_js),
    FILE_OF("server.js", server_js),
    FILE_OF("icon.svg", icon_svg),
};

size_t playground_file_count(void) {
    return sizeof files / sizeof files[0];
}

struct playground_file playground_file_at(size_t index) {
    struct playground_file none = {"", NULL, 0};
    return index < playground_file_count() ? files[index] : none;
}
