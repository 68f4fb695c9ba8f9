/* evote-core: what the client computes with: bytes, hashes, canonical MessagePack, groups, Ed25519 (specs/client.md).
 *
 * Part of evote-client.js, which is what pages import. All of it is arithmetic: no network, no storage, no page.
 * Not constant time: BigInt is not, and specs/client.md says what follows. WebCrypto gives randomness, SHA-512 and,
 * where it has it, Ed25519; for that a page needs a secure context (https, or this machine).
 */

/** What went wrong, by a name for programs (`code`); pages say it in the voter's words. */
export class ElectionError extends Error {
  constructor(code, message, more = {}) {
    super(message);
    Object.assign(this, { name: "ElectionError", code }, more);
  }
}
export const need = (holds, code, message) => { if (!holds) throw new ElectionError(code, message); };

// --- bytes ---------------------------------------------------------------------------------------------

const HEX = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, "0"));
export const hex = (bytes) => { let text = ""; for (const each of bytes) text += HEX[each]; return text; };
export function unhex(text) {
  need(text.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(text), "malformed", "hexadecimal digits are wanted");
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => parseInt(text.substr(2 * at, 2), 16));
}
export const utf8 = (text) => new TextEncoder().encode(text);
export function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch { throw new ElectionError("malformed", "this is no UTF-8 text"); }
}
export function concat(...parts) {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => { joined.set(part, at); return at + part.length; }, 0);
  return joined;
}
export const same = (left, right) => left.length === right.length && left.every((each, at) => each === right[at]);
export const xor = (left, right) => left.map((each, at) => each ^ right[at]);
export const big = (bytes) => (bytes.length ? BigInt("0x" + hex(bytes)) : 0n);
export const bytesOf = (number, width) => unhex(number.toString(16).padStart(2 * width, "0"));
const little = (bytes) => big(Uint8Array.from(bytes).reverse());
export const u16 = (number) => Uint8Array.of(number >> 8, number & 255);
export const u32 = (number) => Uint8Array.of(number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255);
export const u64 = (number) => bytesOf(BigInt(number), 8);
export function base64(bytes) {
  let letters = "";
  for (const each of bytes) letters += String.fromCharCode(each);
  return btoa(letters);
}
export function unbase64(text, size = null) {
  let bytes = null;
  try {
    bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch { throw new ElectionError("malformed", "this is not base 64"); }
  need(base64(bytes) === text, "malformed", "this is not the one base 64 form of its bytes");
  need(size === null || bytes.length === size, "malformed", `${size} bytes are wanted`);
  return bytes;
}
const DIGITS45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
export function base45(bytes) {
  let letters = "";
  for (let at = 0; at < bytes.length; at += 2) {
    const pair = bytes.subarray(at, at + 2);
    for (let left = Number(big(pair)), i = 0; i <= pair.length; i++, left = Math.floor(left / 45)) letters += DIGITS45[left % 45];
  }
  return letters;
}
export function unbase45(letters) {
  const groups = letters.match(/[^]{1,3}/g) ?? [];
  const bytes = concat(...groups.map((group) => {
    const number = [...group].reduceRight((all, letter) => 45 * all + DIGITS45.indexOf(letter), 0);
    need(number >= 0 && group.length > 1 && number < 256 ** (group.length - 1), "malformed", "letters are missing or wrong");
    return bytesOf(BigInt(number), group.length - 1);
  }));
  need(base45(bytes) === letters, "malformed", "letters are missing or wrong");
  return bytes;
}
export const SYSTEM = {
  token: (size) => crypto.getRandomValues(new Uint8Array(size)),
  below(bound) {
    const bits = bound.toString(2).length, size = (bits + 7) >> 3;
    for (;;) {
      const number = big(this.token(size)) >> BigInt(8 * size - bits);
      if (number < bound) return number;
    }
  },
};

// --- hashing -------------------------------------------------------------------------------------------

function root(number, degree) { // of a BigInt, downwards, by Newton
  let found = 1n << BigInt(Math.ceil(number.toString(2).length / Number(degree)));
  for (;;) {
    const next = ((degree - 1n) * found + number / found ** (degree - 1n)) / degree;
    if (next >= found) return found;
    found = next;
  }
}
const PRIMES = [];
for (let each = 2; PRIMES.length < 64; each++) if (PRIMES.every((prime) => each % prime)) PRIMES.push(each);
const ROUND = Uint32Array.from(PRIMES, (prime) => Number(root(BigInt(prime) << 96n, 3n) & 0xffffffffn));
const START = Uint32Array.from(PRIMES.slice(0, 8), (prime) => Number(root(BigInt(prime) << 64n, 2n) & 0xffffffffn));
const WORDS = new Uint32Array(64);

/** SHA-256 (FIPS 180-4) of the joined parts. */
export function sha256(...parts) {
  const data = parts.length === 1 ? parts[0] : concat(...parts);
  const padded = new Uint8Array(((data.length + 72) >> 6) << 6);
  padded.set(data);
  padded[data.length] = 128;
  padded.set(u64(8 * data.length), padded.length - 8);
  const view = new DataView(padded.buffer), state = Uint32Array.from(START);
  for (let at = 0; at < padded.length; at += 64) {
    for (let i = 0; i < 16; i++) WORDS[i] = view.getUint32(at + 4 * i);
    for (let i = 16; i < 64; i++) {
      const x = WORDS[i - 15], y = WORDS[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      WORDS[i] = WORDS[i - 16] + s0 + WORDS[i - 7] + s1;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[i] + WORDS[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => { state[i] += word; });
  }
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => digest.setUint32(4 * i, word));
  return new Uint8Array(digest.buffer);
}
export function hmacRaw(key, message) {
  const block = new Uint8Array(64);
  block.set(key);
  return sha256(block.map((each) => each ^ 0x5c), sha256(block.map((each) => each ^ 0x36), message));
}
/** H(key; domain, fields) (equation 130). */
export const H = (key, domain, ...fields) => hmacRaw(key, concat(Uint8Array.of(domain), ...fields));
export const prefixed = (bytes) => concat(u32(bytes.length), bytes);
export const stringField = (text) => prefixed(utf8(text));
/** evote's own hashes: SHA-256 over a tag and fields behind their lengths. */
export const tagged = (tag, ...fields) => sha256(stringField(tag), u32(fields.length), ...fields.map(prefixed));
const sha512 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-512", concat(...parts)));
function expandMessage(message, tag, size) { // RFC 9380 section 5.3.1
  const suffix = concat(tag, Uint8Array.of(tag.length));
  const first = sha256(new Uint8Array(64), message, u16(size), Uint8Array.of(0), suffix);
  const blocks = [sha256(first, Uint8Array.of(1), suffix)];
  while (32 * blocks.length < size) {
    blocks.push(sha256(xor(first, blocks.at(-1)), Uint8Array.of(blocks.length + 1), suffix));
  }
  return concat(...blocks).slice(0, size);
}

// --- canonical MessagePack -----------------------------------------------------------------------------

/** The canonical bytes of null, booleans, whole numbers from 0, texts, bytes, lists and maps in their order. */
export function pack(value) {
  const parts = [];
  const sized = (size, small, limit, ...codes) => {
    if (size < limit) return parts.push(Uint8Array.of(small | size));
    const at = [256, 65536, 2 ** 32].findIndex((bound, i) => codes[i] !== null && size < bound);
    return parts.push(Uint8Array.of(codes[at], ...bytesOf(BigInt(size), 1 << at)));
  };
  const write = (item) => {
    if (item === null) parts.push(Uint8Array.of(0xc0));
    else if (typeof item === "boolean") parts.push(Uint8Array.of(item ? 0xc3 : 0xc2));
    else if (typeof item === "number") {
      if (!Number.isSafeInteger(item) || item < 0) throw new TypeError("whole numbers from 0 are written");
      if (item < 128) parts.push(Uint8Array.of(item));
      else {
        const at = [256, 65536, 2 ** 32, 2 ** 53].findIndex((bound) => item < bound);
        parts.push(Uint8Array.of(0xcc + at, ...bytesOf(BigInt(item), 1 << at)));
      }
    } else if (typeof item === "string") {
      const bytes = utf8(item);
      sized(bytes.length, 0xa0, 32, 0xd9, 0xda, 0xdb);
      parts.push(bytes);
    } else if (item instanceof Uint8Array) {
      sized(item.length, 0, 0, 0xc4, 0xc5, 0xc6);
      parts.push(item);
    } else if (Array.isArray(item)) {
      sized(item.length, 0x90, 16, null, 0xdc, 0xdd);
      item.forEach(write);
    } else {
      const entries = Object.entries(item);
      sized(entries.length, 0x80, 16, null, 0xde, 0xdf);
      for (const [name, member] of entries) { write(name); write(member); }
    }
  };
  write(value);
  return concat(...parts);
}
/** The value whose one canonical form these bytes are; anything else is refused. */
export function unpack(bytes) {
  let at = 0;
  const wrong = (message) => { throw new ElectionError("malformed", message); };
  const take = (size) => {
    if (at + size > bytes.length) wrong("the data ends too early");
    return bytes.subarray(at, (at += size));
  };
  const number = (size) => {
    const value = big(take(size));
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) wrong("a number is too large");
    return Number(value);
  };
  const list = (size, depth) => {
    if (size > bytes.length) wrong("a list is longer than its data");
    return Array.from({ length: size }, () => read(depth + 1));
  };
  const map = (size, depth) => {
    if (size > bytes.length) wrong("a map is longer than its data");
    const found = Object.create(null);
    for (let i = 0; i < size; i++) {
      const name = read(depth + 1);
      if (typeof name !== "string" || name in found) wrong("a name stands twice, or is no text");
      found[name] = read(depth + 1);
    }
    return found;
  };
  const read = (depth) => {
    if (depth > 16) wrong("the data is nested too deeply");
    const [code] = take(1);
    if (code < 0x80) return code;
    if (code < 0x90) return map(code & 15, depth);
    if (code < 0xa0) return list(code & 15, depth);
    if (code < 0xc0) return textOf(take(code & 31));
    if (code === 0xc0) return null;
    if (code === 0xc2 || code === 0xc3) return code === 0xc3;
    if (code >= 0xc4 && code <= 0xc6) return take(number(1 << (code - 0xc4))).slice();
    if (code >= 0xcc && code <= 0xcf) return number(1 << (code - 0xcc));
    if (code >= 0xd9 && code <= 0xdb) return textOf(take(number(1 << (code - 0xd9))));
    if (code === 0xdc || code === 0xdd) return list(number(code === 0xdc ? 2 : 4), depth);
    if (code === 0xde || code === 0xdf) return map(number(code === 0xde ? 2 : 4), depth);
    return wrong("this kind of value has no place here");
  };
  const value = read(0);
  if (at !== bytes.length || !same(pack(value), bytes)) wrong("this is not the one form of its value");
  return value;
}
/** The value, if its form is `shape`: "text", "number", a width in bytes, "bytes", null-able as [shape, null]. */
export function shaped(value, shape, where = "") {
  const fits = (holds) => need(holds, "malformed", `another form is wanted at ${where || "the top"}`);
  if (Array.isArray(shape)) {
    if (shape.length === 2) return value === null ? value : shaped(value, shape[0], where);
    fits(Array.isArray(value));
    value.forEach((each, at) => shaped(each, shape[0], `${where}[${at}]`));
  } else if (typeof shape === "number") fits(value instanceof Uint8Array && value.length === shape);
  else if (shape === "bytes") fits(value instanceof Uint8Array);
  else if (shape === "text") fits(typeof value === "string");
  else if (shape === "number") fits(typeof value === "number");
  else {
    fits(value && typeof value === "object" && Object.keys(value).join() === Object.keys(shape).join());
    for (const [name, own] of Object.entries(shape)) shaped(value[name], own, where ? `${where}.${name}` : name);
  }
  return value;
}

// --- groups --------------------------------------------------------------------------------------------

export const mod = (number, modulus) => { const rest = number % modulus; return rest < 0n ? rest + modulus : rest; };
function power(base, exponent, modulus) {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus;
    if (bit === "1") result = (result * base) % modulus;
  }
  return result;
}
function inverse(number, modulus) {
  let [a, b, x, y] = [mod(number, modulus), modulus, 1n, 0n];
  while (b) { const quotient = a / b; [a, b, x, y] = [b, a - quotient * b, y, x - quotient * y]; }
  return mod(x, modulus);
}

/** Integers modulo p with their subgroup of prime order q. An element is a BigInt. */
class ModP {
  version = "v2.1.0";
  one = 1n;
  constructor(p, q, g) {
    Object.assign(this, { p, q, g, width: Math.ceil(p.toString(16).length / 2), bits: q.toString(2).length });
  }
  multiply(left, right) { return (left * right) % this.p; }
  equal(left, right) { return left === right; }
  encode(element) { return bytesOf(element, this.width); }
  decode(bytes) {
    const value = big(bytes);
    const member = value > 0n && value < this.p && power(value, this.q, this.p) === 1n;
    need(member, "wrong-parameters", "a value is not in the group");
    return value;
  }
  parameters() { return [bytesOf(this.p, this.width), bytesOf(this.q, 32), this.encode(this.g)]; }
  scalar(digest) { return big(digest) % this.q; }
  /** rows[i][d] = base^(d * 256^i), for digits of `window` bits. */
  table(base, window = 8) {
    const rows = [];
    for (let done = 0, step = base; done < this.bits; done += window) {
      const row = [1n];
      while (row.length < 1 << window) row.push((row.at(-1) * step) % this.p);
      step = (row.at(-1) * step) % this.p;
      rows.push(row);
    }
    return { window, rows };
  }
  power({ window, rows }, exponent) {
    let result = 1n;
    digits(exponent, window, rows.length).forEach((digit, at) => { result = (result * rows[at][digit]) % this.p; });
    return result;
  }
}
function digits(exponent, window, count) { // from the lowest
  const bits = exponent.toString(2).padStart(window * count, "0");
  return Array.from({ length: count }, (_, at) =>
    parseInt(bits.slice(bits.length - window * (at + 1), bits.length - window * at), 2));
}

export const P256 = {
  p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
  b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  g: [0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
    0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n],
};
/** The curve P-256 as evote's profile (specs/decisions/p256.md). An element is [x, y], or null for infinity. */
export class Curve {
  version = "evote-p256-v1";
  one = null;
  width = 33;
  bits = 256;
  q = P256.n;
  g = P256.g;
  multiply(left, right) { return this.affine(this.add(left && [...left, 1n], right)); }
  equal(left, right) { return left === right || (left && right && left[0] === right[0] && left[1] === right[1]); }
  encode(point) {
    return point ? concat(Uint8Array.of(2 + Number(point[1] & 1n)), bytesOf(point[0], 32)) : new Uint8Array(33).fill(255);
  }
  decode(bytes) {
    const { p, b } = P256, x = big(bytes.subarray(1));
    const right = mod((x * x - 3n) * x + b, p), y = power(right, (p + 1n) >> 2n, p);
    const fits = bytes.length === 33 && (bytes[0] === 2 || bytes[0] === 3) && x < p && (y * y) % p === right;
    need(fits, "wrong-parameters", "a value is no point of the curve");
    return [x, Number(y & 1n) === (bytes[0] & 1) ? y : p - y];
  }
  parameters() { return [bytesOf(P256.p, 32), bytesOf(P256.n, 32), this.encode(P256.g)]; }
  scalar(digest) { return big(expandMessage(digest, utf8("evote-v1-P256_XMD:SHA-256_SCALAR"), 48)) % this.q; }
  add(left, right) { // Jacobian and affine; equal, opposite and infinite summands are told apart (A69)
    if (!right) return left;
    if (!left) return [...right, 1n];
    const { p } = P256, [x1, y1, z1] = left, square = (z1 * z1) % p;
    const h = mod(right[0] * square - x1, p), r = mod(right[1] * square * z1 - y1, p);
    if (!h) return r ? null : this.double(left);
    const hh = (h * h) % p, hhh = (h * hh) % p, v = (x1 * hh) % p, x3 = mod(r * r - hhh - 2n * v, p);
    return [x3, mod(r * (v - x3) - y1 * hhh, p), (z1 * h) % p];
  }
  double([x, y, z]) {
    const { p } = P256, delta = (z * z) % p, gamma = (y * y) % p, beta = (x * gamma) % p;
    const alpha = mod(3n * (x - delta) * (x + delta), p), x3 = mod(alpha * alpha - 8n * beta, p);
    return [x3, mod(alpha * (4n * beta - x3) - 8n * gamma * gamma, p), (2n * y * z) % p];
  }
  affine(point) {
    if (!point) return null;
    const { p } = P256, own = inverse(point[2], p), square = (own * own) % p;
    return [(point[0] * square) % p, (point[1] * square * own) % p];
  }
  affineAll(points) { // of finite points, with one inversion
    const { p } = P256, before = [];
    let product = 1n;
    for (const point of points) { before.push(product); product = (product * point[2]) % p; }
    let own = inverse(product, p);
    const found = [];
    for (let at = points.length - 1; at >= 0; at--) {
      const one = (own * before[at]) % p, square = (one * one) % p;
      own = (own * points[at][2]) % p;
      found[at] = [(points[at][0] * square) % p, (points[at][1] * square * one) % p];
    }
    return found;
  }
  table(base, window = 8) {
    const rows = [];
    for (let done = 0, step = base; done < 256; done += window) {
      const row = [[...step, 1n]];
      while (row.length < 1 << window) row.push(this.add(row.at(-1), step));
      const points = this.affineAll(row);
      step = points.pop();
      rows.push([null, ...points]);
    }
    return { window, rows };
  }
  power({ window, rows }, exponent) {
    let result = null;
    digits(exponent, window, rows.length).forEach((digit, at) => { result = this.add(result, rows[at][digit]); });
    return this.affine(result);
  }
}

const Q = 2n ** 256n - 189n;
/** The published groups, by SHA-256 of p and g. */
const PUBLISHED = {
  "electionguard-4096": ["f76fac50669bdb5b75fe86264378525d336bc1566140a48d76aebf7b0dd19f27",
    "77fbd493a68fb3e3d24d7c25608a61be021bb6749567b08e664d093bb32ded77", Q],
  "electionguard-3072": ["589c49144566a67556ea1378048f372bbd28d5fba6b547ea15cff8ca2b7cf8b5",
    "5c8def209ce111e566685a15256944dfebd92d1af4229e45e0ded7f1e9786239", Q],
};
export function groupOf(stated) {
  if (stated.group === "p256") return new Curve();
  const [p, g, q] = Object.hasOwn(PUBLISHED, stated.group) ? PUBLISHED[stated.group] : [];
  need(q && hex(sha256(stated.p)) === p && hex(sha256(stated.g)) === g, "wrong-parameters", "an unknown group");
  return new ModP(big(stated.p), q, big(stated.g));
}

// --- Ed25519 (RFC 8032; the strict rule of specs/decisions/ed25519-rule.md) -------------------------------

const E = { p: 2n ** 255n - 19n, l: 2n ** 252n + 27742317777372353535851937790883648493n };
E.d = mod(-121665n * inverse(121666n, E.p), E.p);
E.zero = [0n, 1n, 1n, 0n];
function edAdd([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const { p, d } = E, a = (y1 - x1) * (y2 - x2), b = (y1 + x1) * (y2 + x2), c = 2n * d * t1 * t2, e = 2n * z1 * z2;
  const f = mod(b - a, p), g = mod(e - c, p), h = mod(e + c, p), i = mod(b + a, p);
  return [(f * g) % p, (h * i) % p, (g * h) % p, (f * i) % p];
}
function edTimes(point, factor) {
  let result = E.zero;
  for (const bit of factor.toString(2)) {
    result = edAdd(result, result);
    const sum = edAdd(result, point);
    if (bit === "1") result = sum;
  }
  return result;
}
function edEncode([x, y, z]) {
  const own = inverse(z, E.p), odd = ((x * own) % E.p) & 1n;
  return bytesOf(((y * own) % E.p) | (odd << 255n), 32).reverse();
}
function edDecode(bytes) {
  const { p, d } = E, number = little(bytes), y = number & ((1n << 255n) - 1n), odd = number >> 255n;
  const u = mod(y * y - 1n, p), v = mod(d * y * y + 1n, p);
  let x = mod(u * v ** 3n * power(mod(u * v ** 7n, p), (p - 5n) / 8n, p), p);
  if (mod(v * x * x, p) === mod(-u, p) && u) x = mod(x * power(2n, (p - 1n) / 4n, p), p);
  const fits = bytes.length === 32 && y < p && mod(v * x * x, p) === u && (x || !odd);
  need(fits, "wrong-key", "a public key is no point of the curve");
  if ((x & 1n) !== odd) x = p - x;
  return [x, y, 1n, (x * y) % p];
}
E.base = edDecode(bytesOf(mod(4n * inverse(5n, E.p), E.p), 32).reverse());
const KEYS = new Map();
function edKey(bytes) { // rules 1 to 3, once per key
  const name = hex(bytes);
  if (!KEYS.has(name)) {
    const point = edDecode(bytes);
    const fits = !same(edEncode(point), edEncode(E.zero)) && same(edEncode(edTimes(point, E.l)), edEncode(E.zero));
    need(fits, "wrong-key", "a public key is not in the subgroup");
    KEYS.set(name, point);
  }
  return KEYS.get(name);
}
/** Whether the signature holds, by rules 1 to 7. */
export async function verify(key, message, signature) {
  const point = edKey(key);
  if (signature.length !== 64) return false;
  const r = signature.slice(0, 32), s = little(signature.slice(32));
  if (s >= E.l || (little(r) & ((1n << 255n) - 1n)) >= E.p || same(r, edEncode(E.zero))) return false;
  const k = little(await sha512(r, key, message)) % E.l;
  const [x, y, z, t] = edTimes(point, k);
  return same(edEncode(edAdd(edTimes(E.base, s), [E.p - x, y, z, mod(-t, E.p)])), r);
}
export async function signingKey(seed) {
  const algorithm = { name: "Ed25519" }, head = unhex("302e020100300506032b657004220420");
  try {
    const key = await crypto.subtle.importKey("pkcs8", concat(head, seed), algorithm, true, ["sign"]);
    const { x } = await crypto.subtle.exportKey("jwk", key);
    const encoded = unbase64(x.replace(/-/g, "+").replace(/_/g, "/") + "=", 32);
    return { encoded, sign: async (message) => new Uint8Array(await crypto.subtle.sign(algorithm, key, message)) };
  } catch (error) { // browsers without Ed25519: by hand, the same bytes
    if (error instanceof ElectionError) throw error;
    return signingKeyByHand(seed);
  }
}
async function signingKeyByHand(seed) {
  const expanded = await sha512(seed);
  const a = (little(expanded.slice(0, 32)) & ((1n << 254n) - 8n)) | (1n << 254n);
  const encoded = edEncode(edTimes(E.base, a));
  const sign = async (message) => {
    const nonce = little(await sha512(expanded.slice(32), message)) % E.l, r = edEncode(edTimes(E.base, nonce));
    const k = little(await sha512(r, encoded, message)) % E.l;
    return concat(r, bytesOf((nonce + k * a) % E.l, 32).reverse());
  };
  return { encoded, sign };
}
/** What a signature in a role covers (evote.signing.statement). */
export const signedBytes = (tag, election, origin, message) => concat(
  stringField("evote/v1/signature"), u32(4), stringField(tag), prefixed(election), stringField(origin), prefixed(message));
