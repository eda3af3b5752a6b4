// Servers that write text in ways of their own: Hugging Face's, which tells each token, and a RAG
// that tells each piece.

import type { Dialect } from "../dialect.ts";
import { chunked, plain } from "./events.ts";

export const huggingfaceGenerate: Dialect = {
  paths: ["/generate", "/generate_stream"],
  streamPath: "/generate_stream",
  speaks: true,
  reasons: false,
  parts(name) {
    let said = "";
    return chunked({
      begin: "",
      chunk({ words, from, finish, counts }) {
        said += words;
        return plain({
          index: from + 1,
          token: { id: 1000 + (from % 1000), text: words, logprob: 0, special: false },
          generated_text: finish === undefined ? null : said,
          details:
            finish === undefined
              ? null
              : {
                  finish_reason: finish === "length" ? "length" : "eos_token",
                  generated_tokens: counts.outputTokens,
                  seed: name.seed,
                },
        });
      },
      end: () => "",
    });
  },
  whole: (_name, _finish, { content }) => JSON.stringify({ generated_text: content }),
};

export const solidoRag: Dialect = {
  paths: ["/rag/api/prompt"],
  streamsByAccept: true,
  speaks: true,
  reasons: false,
  parts: () =>
    chunked({ begin: "", chunk: ({ words }) => plain({ content: words }), end: () => "" }),
  whole: (_name, _finish, { content }) => JSON.stringify({ content, sources: [] }),
};
