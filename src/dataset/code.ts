// Text that looks like a program to a tokenizer: names of several words, brackets, operators.

const VERBS = ["get", "set", "load", "parse", "find", "make", "send", "merge", "close", "next"];
const NOUNS = [
  "user",
  "item",
  "node",
  "buffer",
  "request",
  "index",
  "cache",
  "token",
  "path",
  "row",
];
const FIELDS = ["length", "name", "id", "value", "size", "parent", "status", "offset", "kind"];

const pairs = (
  a: readonly string[],
  b: readonly string[],
  join: (x: string, y: string) => string,
) => a.flatMap((x) => b.map((y) => join(x, y)));
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** Words by the letter that stands for them in {@link STATEMENTS}. */
export const CODE: Readonly<Record<string, readonly string[]>> = {
  N: [...NOUNS, ...pairs(NOUNS, ["s", "Count", "List", "At"], (noun, end) => noun + end)],
  F: pairs(NOUNS, FIELDS, (noun, field) => `${noun}.${field}`),
  C: pairs(VERBS, NOUNS, (verb, noun) => `${verb}${capital(noun)}(${noun})`),
  D: pairs(VERBS, NOUNS, (verb, noun) => `${verb}_${noun}(`),
  L: ["0", "1", "2", "16", "255", "1024", "true", "false", "null", '"ok"', '""', "[]", "-1"],
  O: ["+", "-", "*", "/", "%", "&&", "||", "==", "!=", "<", ">", "<=", ">="],
  T: ["int", "string", "bool", "float", "bytes", "Map<string,int>", "Node", "Result"],
};

export const STATEMENTS: readonly string[] = [
  "const N = C ;",
  "let N = F O L ;",
  "if (N O L) { return C ; }",
  "for (let i = 0 ; i O F ; i++) { C ; }",
  "function D N , N ) { return F O F ; }",
  "def D N ) -> T :",
  "return N O F ;",
  "while (F O L) { N = C ; }",
  "type N = T ;",
  "N = await C ;",
  "try { C ; } catch (error) { throw error ; }",
  "class N { F = L ; }",
  'import { N , N } from "N" ;',
  "// N O N , see C .",
  "switch (F) { case L : return N ; }",
];
