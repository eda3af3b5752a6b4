// Keeps secrets out of everything that is written or shown. A secret is known by the name beside
// it, by where it stands (a URL's user, a bearer token), by its shape, or because it was given.

/** What stands where a secret was. */
export const REDACTED = "<redacted>";

/** Words that make a name a secret's wherever they stand in it. */
const SECRET_WORDS = new Set(
  (
    "auth authentication authorization bearer cookie cookies credential credentials jwt " +
    "passphrase passwd password passwords pwd secret secrets sig signature"
  ).split(" "),
);

/** Words that do so unless their neighbours speak of tokens of text. */
const KEY_WORDS = new Set(["key", "keys", "token"]);
const TEXT_BEFORE = new Set(
  "bos eos first input inter last mask next output pad per second sep stop total unk value".split(
    " ",
  ),
);
const TEXT_AFTER = new Set(
  (
    "budget count counts healing ids latency length limit per throughput type usage value " +
    "values weighted"
  ).split(" "),
);

/** Names run together, such as `apikey` and `accesstoken`. */
const RUN_TOGETHER =
  /(?:access|api|auth|client|csrf|id|private|refresh|secret|security|session)(?:key|token|secret)s?$/;

/** Whether the value of a header, field or parameter of this name is to be hidden. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
  return words.some((word, index) => {
    if (SECRET_WORDS.has(word) || RUN_TOGETHER.test(word)) return true;
    if (!KEY_WORDS.has(word)) return false;
    const before = words[index - 1];
    const after = words[index + 1];
    const ofText =
      (before !== undefined && TEXT_BEFORE.has(before)) ||
      (after !== undefined && TEXT_AFTER.has(after));
    return !ofText || words.some((other) => SECRET_WORDS.has(other));
  });
}

/** Tokens whose shape gives them away, whatever stands around them. */
const SHAPES = [
  /\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}/g, // OpenAI and many that imitate it
  /\bhf_[A-Za-z0-9]{16,}/g, // Hugging Face
  /\bnvapi-[A-Za-z0-9_-]{16,}/g, // NVIDIA
  /\bgh[opsu]_[A-Za-z0-9]{20,}/g, // GitHub
  /\bAKIA[A-Z0-9]{16}\b/g, // Amazon
  /\bAIza[A-Za-z0-9_-]{30,}/g, // Google
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, // a JSON Web Token
];

const USER_OF_URL = /(\b[a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#'"]*@/gi;
const QUERY_PARAMETER = /([?&;])([^=?&;#\s'"]+)=([^&;#\s'"]*)/g;
const AUTH_SCHEME = /\b(Bearer|Basic|Digest|Negotiate)(\s+)(?!token\b|auth)[^\s,;'"]+/gi;
const HEADER_LINE =
  /\b((?:proxy-)?authorization|(?:set-)?cookie)(\s*:\s*)(?!\/\/)([^\r\n'"]*[^\s'"])/gi;
const PAIR =
  /(?:(["'])|(?<![\w.-]))([A-Za-z][\w.-]*)\1(\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;&'"{}[\]]+)/g;

/** A secret shorter than this would blot out ordinary text where it happens to occur. */
const SECRET_CHARS_MIN = 6;

/**
 * The text with every secret replaced that its name, place or shape gives away.
 * @param secrets values known to be secret, hidden wherever they occur (from 6 characters on)
 */
export function redactText(text: string, secrets: readonly string[] = []): string {
  let safe = text;
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
    if (secret.length >= SECRET_CHARS_MIN) safe = safe.replaceAll(secret, REDACTED);
  }
  safe = safe.replace(USER_OF_URL, `$1${REDACTED}@`);
  safe = safe.replace(QUERY_PARAMETER, (whole, mark: string, name: string) =>
    isSecretName(decoded(name)) ? `${mark}${name}=${REDACTED}` : whole,
  );
  safe = safe.replace(HEADER_LINE, `$1$2${REDACTED}`);
  safe = safe.replace(AUTH_SCHEME, `$1$2${REDACTED}`);
  safe = safe.replace(PAIR, (whole, quote = "", name: string, mark: string, value: string) => {
    // In prose "token: 3" is a count more often than a credential.
    const prose = quote === "" && /^(?:keys?|token)$/i.test(name) && mark.includes(":");
    if (prose || !isSecretName(name) || value === "" || value.includes(REDACTED)) return whole;
    const mark2 = value[0] === '"' || value[0] === "'" ? value[0] : "";
    return `${quote}${name}${quote}${mark}${mark2}${REDACTED}${mark2}`;
  });
  for (const shape of SHAPES) safe = safe.replace(shape, REDACTED);
  return safe;
}

/** The URL without its user and without the values of secret parameters, however malformed. */
export function redactUrl(url: string): string {
  // A password may hold / or ?, so in a URL alone the last @ before the host decides.
  const cut = url.lastIndexOf("@");
  if (cut < 0) return redactText(url);
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(url)?.[0] ?? "";
  return redactText(`${scheme}${REDACTED}@${url.slice(cut + 1)}`);
}

/** A JSON value with secrets replaced: by the name of their field, else by what they look like. */
export function redactJson<Value>(value: Value, secrets: readonly string[] = []): Value {
  return redactNode(value, secrets) as Value;
}

function redactNode(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === "string") return redactText(value, secrets);
  if (Array.isArray(value)) return value.map((item) => redactNode(item, secrets));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      isSecretName(name) && field !== null ? REDACTED : redactNode(field, secrets),
    ]),
  );
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
