// What the mock says: words that are one token each, alone and after a space, in the tokenizers
// of Qwen3, Llama 3.1, GPT-4o, gpt-oss and DeepSeek V3; so a client that counts a reply's tokens
// itself must find exactly as many as the mock says it sent. A test holds this.

const TEXT = `
  the in to and of is for on be at as it with that you or this he we from not by can was have
  do all me will us your so out has if but up more part one they my time about work any which
  no our get his some add when other year like need her been may set use return there them off
  had just would how data were into end public result than first back only make form under
  people long read look every should know well find then right person very these hand good
  start down where two see high after test even now want value many way much could real while
  said used number play mark here day does sign because such before fill self pass call take
  program list own child name last case show using world book him great post think again
  system point being made each best place found support product let open line order current
  method state type life those follow run care model different home same main door print art
  must face business direct fact around rest between object view total say next still without
  month design both project report build men try text come put old key free second few really
  effect stand head market feel level team health field local access small things true always
  consider present change perform pay during keep days important little three water interest
  better including week power school offer hard word plan family success require available
  within
`;

/** 256 words, none of which needs escaping in JSON. */
export const WORDS: readonly string[] = TEXT.trim().split(/\s+/);

const BYTES: readonly Uint8Array[] = WORDS.map((word) => Buffer.from(` ${word}`));

/** Token `index` of a reply that begins at word `start`, as bytes, its leading space included. */
export function tokenBytes(start: number, index: number): Uint8Array {
  return BYTES[(start + index) % BYTES.length]!;
}

/** The tokens from `from` to before `to` of the same reply, as text. */
export function tokenText(start: number, from: number, to: number): string {
  let text = "";
  for (let index = from; index < to; index++) text += ` ${WORDS[(start + index) % WORDS.length]}`;
  return text;
}
