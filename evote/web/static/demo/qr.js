/* QR codes (ISO/IEC 18004) of letters in the alphanumeric mode at level M, as an SVG path. */

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
// Level M by version: error correction codewords in a block, and blocks.
const WIDTHS = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28, 28, 28, 28, 28,
  28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35,
  37, 38, 40, 43, 45, 47, 49];
const sizeOf = (version) => 4 * version + 17;

const EXP = [], LOG = [];
for (let at = 0, value = 1; at < 255; at++) {
  EXP[at] = value;
  LOG[value] = at;
  value = (value << 1) ^ (value & 128 ? 0x11d : 0);
}
const times = (a, b) => (a && b ? EXP[(LOG[a] + LOG[b]) % 255] : 0);
function correction(data, degree) {
  let divisor = [1];
  for (let i = 0; i < degree; i++) {
    divisor = [...divisor, 0].map((each, at) => each ^ times(divisor[at - 1] ?? 0, EXP[i]));
  }
  const rest = new Array(degree).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    rest.forEach((_, at) => { rest[at] ^= times(divisor[at + 1], factor); });
  }
  return rest;
}
function rawModules(version) { // data and correction together
  let count = (16 * version + 128) * version + 64;
  if (version > 1) {
    const aligned = Math.floor(version / 7) + 2;
    count -= (25 * aligned - 10) * aligned - 55;
    if (version > 6) count -= 36;
  }
  return count;
}
function codewords(letters) {
  const bits = [];
  const put = (value, width) => { for (let i = width - 1; i >= 0; i--) bits.push((value >> i) & 1); };
  const needed = Math.floor(letters.length / 2) * 11 + (letters.length % 2) * 6;
  let version = 0, width = 0, room = 0;
  do {
    version += 1;
    if (version > 40) throw new RangeError("this is too long for a code");
    width = version < 10 ? 9 : version < 27 ? 11 : 13;
    room = 8 * ((rawModules(version) >> 3) - WIDTHS[version - 1] * BLOCKS[version - 1]);
  } while (4 + width + needed > room);
  put(2, 4);
  put(letters.length, width);
  for (let at = 0; at < letters.length; at += 2) {
    const [a, b] = [letters[at], letters[at + 1]].map((letter) => DIGITS.indexOf(letter));
    if (a < 0 || (b < 0 && at + 1 < letters.length)) throw new RangeError("only letters of the alphanumeric mode");
    if (at + 1 < letters.length) put(45 * a + b, 11);
    else put(a, 6);
  }
  put(0, Math.min(4, room - bits.length));
  put(0, (8 - (bits.length % 8)) % 8);
  for (let pad = 0xec; bits.length < room; pad ^= 0xfd) put(pad, 8);
  const data = Array.from({ length: room / 8 }, (_, at) => parseInt(bits.slice(8 * at, 8 * at + 8).join(""), 2));
  const blocks = BLOCKS[version - 1], degree = WIDTHS[version - 1], total = rawModules(version) >> 3;
  const short = Math.floor(total / blocks) - degree, longer = total % blocks, parts = [];
  for (let i = 0, at = 0; i < blocks; i++) {
    const size = short + (i >= blocks - longer ? 1 : 0);
    parts.push(data.slice(at, at + size));
    at += size;
  }
  const ends = parts.map((part) => correction(part, degree)), out = [];
  for (let at = 0; at <= short; at++) for (const part of parts) if (at < part.length) out.push(part[at]);
  for (let at = 0; at < degree; at++) for (const end of ends) out.push(end[at]);
  return { version, out };
}
const MASKS = [
  (x, y) => (x + y) % 2 === 0, (x, y) => y % 2 === 0, (x) => x % 3 === 0, (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0, (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0, (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];
function remainder(value, bits, divisor) {
  let rest = value;
  for (let i = 0; i < bits; i++) rest = (rest << 1) ^ ((rest >> (bits - 1)) * divisor);
  return rest;
}
/** The modules, rows of true for dark. */
export function modules(letters) {
  const { version, out } = codewords(letters), size = sizeOf(version);
  const dark = Array.from({ length: size }, () => new Array(size).fill(false));
  const fixed = Array.from({ length: size }, () => new Array(size).fill(false));
  const set = (x, y, value) => { if (x >= 0 && y >= 0 && x < size && y < size) { dark[y][x] = Boolean(value); fixed[y][x] = true; } };
  for (let i = 0; i < size; i++) { set(6, i, i % 2 === 0); set(i, 6, i % 2 === 0); }
  for (const [cx, cy] of [[3, 3], [size - 4, 3], [3, size - 4]]) {
    for (let dy = -4; dy <= 4; dy++) {
      for (let dx = -4; dx <= 4; dx++) {
        const far = Math.max(Math.abs(dx), Math.abs(dy));
        set(cx + dx, cy + dy, far !== 2 && far !== 4);
      }
    }
  }
  if (version > 1) {
    const count = Math.floor(version / 7) + 2;
    const step = version === 32 ? 26 : Math.ceil((4 * version + 4) / (2 * count - 2)) * 2;
    const places = [6, ...Array.from({ length: count - 1 }, (_, i) => size - 7 - step * (count - 2 - i))];
    for (const cx of places) {
      for (const cy of places) {
        if ((cx === 6 && (cy === 6 || cy === size - 7)) || (cx === size - 7 && cy === 6)) continue;
        for (let dy = -2; dy <= 2; dy++) for (let dx = -2; dx <= 2; dx++) set(cx + dx, cy + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
      }
    }
  }
  const format = (mask) => { // level M is 00
    const bits = ((mask << 10) | remainder(mask, 10, 0x537)) ^ 0x5412, bit = (i) => (bits >> i) & 1;
    for (let i = 0; i < 6; i++) set(8, i, bit(i));
    set(8, 7, bit(6)); set(8, 8, bit(7)); set(7, 8, bit(8));
    for (let i = 9; i < 15; i++) set(14 - i, 8, bit(i));
    for (let i = 0; i < 8; i++) set(size - 1 - i, 8, bit(i));
    for (let i = 8; i < 15; i++) set(8, size - 15 + i, bit(i));
    set(8, size - 8, true);
  };
  format(0);
  if (version > 6) {
    const bits = (version << 12) | remainder(version, 12, 0x1f25);
    for (let i = 0; i < 18; i++) {
      const a = size - 11 + (i % 3), b = Math.floor(i / 3);
      set(a, b, (bits >> i) & 1); set(b, a, (bits >> i) & 1);
    }
  }
  let at = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step++) {
      for (const x of [right, right - 1]) {
        const y = ((right + 1) & 2) === 0 ? size - 1 - step : step;
        if (!fixed[y][x] && at < 8 * out.length) { dark[y][x] = Boolean((out[at >> 3] >> (7 - (at & 7))) & 1); at += 1; }
      }
    }
  }
  let best = null;
  MASKS.forEach((mask, number) => {
    const flip = () => { for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) if (!fixed[y][x] && mask(x, y)) dark[y][x] = !dark[y][x]; };
    flip();
    format(number);
    const worth = penalty(dark);
    if (!best || worth < best.worth) best = { worth, rows: dark.map((row) => [...row]) };
    flip();
  });
  return best.rows;
}
function penalty(rows) {
  const size = rows.length;
  let sum = 0, count = 0;
  const columns = rows.map((_, x) => rows.map((row) => row[x]));
  for (const line of [...rows, ...columns]) {
    const text = line.map(Number).join("");
    for (const run of text.match(/0{5,}|1{5,}/g) ?? []) sum += run.length - 2;
    for (const pattern of ["10111010000", "00001011101"]) {
      for (let at = text.indexOf(pattern); at >= 0; at = text.indexOf(pattern, at + 1)) sum += 40;
    }
  }
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      count += rows[y][x] ? 1 : 0;
      if (x && y && [rows[y - 1][x], rows[y][x - 1], rows[y - 1][x - 1]].every((each) => each === rows[y][x])) sum += 3;
    }
  }
  return sum + 10 * Math.floor(Math.abs(20 * count - 10 * size * size) / (size * size));
}
/** An SVG element with a quiet zone, called `name` for those who do not see it. */
export function drawn(letters, name) {
  const rows = modules(letters), space = "http://www.w3.org/2000/svg", size = rows.length + 8;
  const svg = document.createElementNS(space, "svg"), path = document.createElementNS(space, "path");
  const shape = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x + 4} ${y + 4}h1v1h-1z`] : [])));
  path.setAttribute("d", shape.join(""));
  for (const [key, value] of [["viewBox", `0 0 ${size} ${size}`], ["role", "img"], ["aria-label", name], ["class", "qr"], ["shape-rendering", "crispEdges"]]) {
    svg.setAttribute(key, value);
  }
  svg.append(path);
  return svg;
}
