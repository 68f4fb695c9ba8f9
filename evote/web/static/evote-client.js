/* evote-client: the voter's device for elections of ElectionGuard 2.1 with evote's board (specs/client.md).
 *
 * What pages import, without dependencies and nothing to build; evote-core.js beside it has the arithmetic. It
 * computes what it believes: the election from its four files and the voter's fingerprint, the ballot, the leaf of
 * the log, every signature and proof. A page starts it as a worker (startWorker) and shows what comes back;
 * `Session` is the same without a worker.
 *
 * Rules: all randomness comes from crypto.getRandomValues and is drawn inside; the first decision is sealed before
 * anything signed leaves; a ballot is opened only behind the verified receipt of its challenge.
 */

import {
  ElectionError, need, hex, unhex, utf8, textOf, concat, same, xor, big, bytesOf, u16, u32, u64, base64, unbase64,
  base45, unbase45, SYSTEM, sha256, hmacRaw, H, prefixed, stringField, tagged, pack, unpack, shaped, mod,
  P256, Curve, groupOf, verify, signingKey, signedBytes,
} from "./evote-core.js";

export { ElectionError, base64, hex, unbase64, unhex };
export const VERSION = "1";
export const DEVICE = "voter's device";
const CLOCK_TOLERANCE = 600, MAX_VALUE = 1000, MAX_MARK = 65535, MAX_ANSWER = 32 << 20;
const NO_PREVIOUS = new Uint8Array(32);

// --- the election --------------------------------------------------------------------------------------

const EXTENSIONS = ["index", "context", "round0", "cells", "board", "roll", "returns"];
const PAIR = { challenge: 32, response: 32 };

/** Contests, styles, units, board and roll of the manifest's bytes. Whether it keeps all rules is for verifiers. */
function readManifest(raw) {
  try {
    const top = JSON.parse(textOf(raw)), own = top.evote, declared = own.extensions;
    need(own.format === 1, "unsupported", "a manifest of a form that is not known");
    for (const name of Object.keys(declared)) need(EXTENSIONS.includes(name), "unsupported", `extension ${name}`);
    const contests = top.contests.map((contest, at) => {
      const more = own.contests[at], limit = contest.selection_limit ?? 1;
      const options = contest.options.map((option, place) => {
        const { kind, names } = more.options[place], stated = option.selection_limit ?? 1;
        const most = stated === "CONTEST_LIMIT" ? limit : stated;
        return { index: place + 1, label: option.label, limit: most, kind, names, inLimit: kind === "option" };
      });
      const { contest_data: data, names } = more;
      return { index: at + 1, label: contest.label, limit, options, names, data };
    });
    const styles = top.ballot_styles.map((style, at) => ({
      index: at + 1, label: style.label, contests: [...style.contests].sort((a, b) => a - b), ...own.ballot_styles[at],
    }));
    const units = [], open = declared.returns ? declared.returns.units : {};
    const walk = (list, prefix) => list.forEach(({ label, names, styles: cast, units: below }) => {
      const path = prefix + label;
      if (below.length) walk(below, `${path}/`);
      else units.push({ path, names, styles: cast, number: units.length + 1, open: open[path]?.kind === "OPEN" });
    });
    walk(own.units, "");
    return {
      label: top.label, names: own.names, languages: own.languages, test: own.test, chaining: own.chaining, contests, styles,
      units, salt: unhex(own.salt), board: declared.board ?? null, roll: declared.roll ?? null,
    };
  } catch (error) {
    if (error instanceof ElectionError) throw error;
    throw new ElectionError("malformed", "the manifest has not the form of a manifest");
  }
}
/** The election of its four files (bytes), each value recomputed; refuses another fingerprint than `expected`. */
export function loadElection({ manifest: raw, parameters, guardians, keys }, expected = null) {
  const stated = shaped(unpack(parameters), {
    version: "text", group: "text", p: "bytes", q: "bytes", g: "bytes", guardians: "number", quorum: "number",
    parameter_hash: 32, base_hash: 32,
  });
  const group = groupOf(stated), [p, q, g] = group.parameters(), { guardians: n, quorum: k } = stated;
  const right = (holds, what) => need(holds, "wrong-parameters", `${what} is not the computed value`);
  right(stated.version === group.version && same(stated.p, p) && big(stated.q) === group.q && same(stated.g, g), "the group");
  right(1 <= k && k <= n && n <= 1000, "the number of guardians");
  const version = new Uint8Array(32), hashed = group instanceof Curve
    ? [P256.p - 3n, P256.b, P256.p, ...P256.g, 1n].map((each) => bytesOf(each, 32)) : [p, q, g];
  version.set(utf8(group.version));
  const hp = H(version, 0x00, ...hashed, u32(n), u32(k)), hb = H(hp, 0x01, prefixed(raw));
  right(same(stated.parameter_hash, hp) && same(stated.base_hash, hb), "the hash of parameters and manifest");
  const width = group.width, proof = { challenge: 32, responses: [32] };
  const { guardians: records } = shaped(unpack(guardians), {
    guardians: [{
      index: "number", vote_commitments: [width], data_commitments: [width], communication_key: width,
      vote_proof: proof, data_proof: proof, binding_proof: proof,
    }],
    round0: [32], confirmations: [32],
  });
  right(records.length === n && records.every((each, at) => each.index === at + 1), "the list of guardians");
  const joint = (name) => {
    right(records.every((each) => each[name].length === k), "the number of a guardian's keys");
    const product = records.map((each) => group.decode(each[name][0])).reduce((a, b) => group.multiply(a, b));
    right(!group.equal(product, group.one), "a joint key");
    return product;
  };
  const voteKey = joint("vote_commitments"), dataKey = joint("data_commitments");
  const he = H(hb, 0x14, group.encode(voteKey), group.encode(dataKey));
  const own = shaped(unpack(keys), { vote_key: width, data_key: width, extended_hash: 32 });
  right(same(own.vote_key, group.encode(voteKey)) && same(own.data_key, group.encode(dataKey)), "a joint key");
  right(same(own.extended_hash, he), "the fingerprint");
  const wanted = expected === null ? null : expected.replace(/[\s:-]/g, "").toLowerCase();
  need(wanted === null || wanted === hex(he), "other-election", "the fingerprint is another than the voter's");
  return { group, n, k, manifest: readManifest(raw), hp, hb, he, voteKey, dataKey, tables: null, groupName: stated.group };
}
/** Tables of powers for g, K and K^; slow, so it runs while the voter reads. */
export function buildTables(election, progress = () => {}) {
  if (election.tables) return;
  const { group } = election, tables = {};
  [["g", group.g, 8], ["vote", election.voteKey, 8], ["data", election.dataKey, 4]].forEach(([name, base, window], at) => {
    tables[name] = group.table(base, window);
    progress((at + 1) / 3);
  });
  election.tables = tables;
}
const unitOf = (election, path) => {
  const unit = election.manifest.units.find((each) => each.path === path && !each.open);
  need(unit, "unknown-choice", `${path} takes no ballots`);
  return unit;
};
const styleOf = (election, unit, label) => {
  const style = unit.styles.includes(label) && election.manifest.styles.find((each) => each.label === label);
  need(style, "unknown-choice", `${unit.path} has no ballot ${label}`);
  return style;
};
const contestsOf = (election, style) => style.contests.map((index) => election.manifest.contests[index - 1]);

// --- credentials ---------------------------------------------------------------------------------------

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** The part and the 16 bytes of a typed code; what a person may do to it is forgiven, slips are found. */
export function readCode(typed) {
  need(typed.length <= 200, "code-length", "this is much longer than a code");
  const letters = [...typed.replace(/[\s\u00ad\u2010-\u2015\u2212_.-]/gu, "")].map((letter) =>
    ({ O: "0", I: "1", L: "1" })[letter.toUpperCase()] ?? (letter < "\x80" ? letter.toUpperCase() : letter));
  const values = letters.map((letter) => ALPHABET.indexOf(letter)), place = values.indexOf(-1);
  if (place >= 0) throw new ElectionError("code-letter", `character ${place + 1} is in no code`, { place: place + 1 });
  if (values.length !== 28) throw new ElectionError("code-length", "a code has 28 characters", { length: values.length });
  const times = (value, count) => {
    for (let i = 0; i < count % 31; i++) value = (value << 1) ^ (value & 16 ? 37 : 0);
    return value;
  };
  const sum = (step) => values.reduce((total, value, at) => total ^ times(value, step * at), 0);
  need(!sum(1) && !sum(2), "code-check", "a character is wrong, or two changed places");
  const number = values.slice(0, 26).reduce((all, value) => (all << 5n) | BigInt(value), 0n);
  const part = Number(number >> 128n);
  need(part <= 2, "code-check", "no code starts like this one");
  return { part, bits: bytesOf(number & ((1n << 128n) - 1n), 16) };
}
async function seedOf({ part, bits }, salt, iterations) {
  const key = await crypto.subtle.importKey("raw", bits, "PBKDF2", false, ["deriveBits"]);
  const own = tagged("evote/v1/code-salt", salt, Uint8Array.of(part));
  const how = { name: "PBKDF2", hash: "SHA-256", salt: own, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}
const pseudonymOf = (salt, keys) => tagged("evote/v1/pseudonym", salt, ...keys);
/** Signing keys, pseudonym and sealing key of typed codes: one, or one of each authority. */
export async function holderOf(election, typed) {
  const { roll, salt } = election.manifest;
  need(roll, "unsupported", "the election has no codes");
  const codes = typed.map(readCode).sort((a, b) => a.part - b.part);
  const parts = codes.map((code) => code.part).join();
  need(parts === (roll.parts === 1 ? "0" : "1,2"), "code-parts", "these are not the codes that belong together");
  const seeds = await Promise.all(codes.map((code) => seedOf(code, salt, roll.iterations)));
  const keys = await Promise.all(seeds.map(signingKey));
  const pseudonym = pseudonymOf(salt, keys.map((key) => key.encoded));
  return { keys, pseudonym, sealing: tagged("evote/v1/pending-key", election.he, ...seeds) };
}

// --- encryption (specification 3.3, 3.4; evote.ballots.encrypt) ---------------------------------------------

/** What is encrypted for the marks of one contest (3.3.5). */
function interpret(contest, { marks = {}, writeIns = [] }) {
  const wrong = (holds, message) => need(holds, "unknown-choice", `${contest.label}: ${message}`);
  for (const [label, mark] of Object.entries(marks)) {
    const option = contest.options.find((each) => each.label === label);
    wrong(option && option.inLimit, `${label} cannot be marked`);
    wrong(Number.isInteger(mark) && 0 <= mark && mark <= MAX_MARK, "a mark is a number from 0 to 65535");
  }
  const given = contest.options.map((option) => (Object.hasOwn(marks, option.label) ? marks[option.label] : 0));
  const total = given.reduce((sum, mark) => sum + mark, 0);
  const over = total > contest.limit || contest.options.some((option, at) => option.inLimit && given[at] > option.limit);
  const facts = {
    overvote: over, undervote: !over && total < contest.limit, null_vote: total === 0,
    undervote_difference: over ? 0 : contest.limit - total,
  };
  const values = contest.options.map((option, at) => (option.inLimit ? (over ? 0 : given[at]) : Number(facts[option.kind])));
  const data = contest.data;
  wrong(data || !writeIns.length, "takes no write-ins");
  let record = null;
  if (data) {
    const texts = writeIns.map(utf8), listed = over ? given.filter((_, at) => contest.options[at].inLimit) : [];
    wrong(texts.length <= data.write_ins && texts.every((each) => each.length <= data.write_in_bytes), "a text is too long");
    wrong(writeIns.at(-1) !== "" && !writeIns.some((each) => /[\p{Cc}\p{Cs}\u2028\u2029]/u.test(each)), "no such text");
    const status = over ? 2 : total === 0 ? 3 : facts.undervote ? 1 : 0;
    record = new Uint8Array(32 * data.blocks);
    record.set(concat(Uint8Array.of(1, status), u16(listed.length), ...listed.map(u16), u16(texts.length),
      ...texts.flatMap((each) => [u16(each.length), each])));
  }
  return { contest, values, record, total: over ? 0 : total };
}
const chainingField = (election, device, codes) => {
  const hashed = H(election.he, 0x2a, stringField(device));
  if (election.manifest.chaining === 0) return concat(u32(0), hashed);
  return concat(u32(1), codes.at(-1) ?? H(election.he, 0x29, u32(1), hashed));
};
const contextIdentifier = (he, unit, style, pseudonym, randomness) => tagged("evote/v1/context", he, utf8(unit),
  utf8(style), pseudonym ? concat(utf8("SOME"), pseudonym) : utf8("NONE"), randomness);
const noncePad = (key) => hmacRaw(key, concat(Uint8Array.of(1), utf8("ballot_nonce\0ballot_nonce_encrypt"), u16(256)));
const dataPad = (key, contest, blocks) => concat(...Array.from({ length: blocks }, (_, at) =>
  hmacRaw(key, concat(u32(at + 1), utf8("data_enc_keys\0contest_data"), u32(contest), u32(256 * blocks)))));

class Encryptor {
  constructor(election, key, random) {
    Object.assign(this, { election, key, random, group: election.group, q: election.group.q });
  }
  g(exponent) { return this.group.power(this.election.tables.g, mod(exponent, this.q)); }
  k(exponent) { return this.group.power(this.election.tables.vote, mod(exponent, this.q)); }
  h(domain, ...fields) { return this.group.scalar(H(this.key, domain, ...fields)); }
  /** 0 <= value <= limit of (alpha, beta); the same operations for every value (A62). */
  range(value, nonce, limit, challenge) {
    const drawn = [], hints = [];
    for (let branch = 0; branch <= limit; branch++) {
      const u = this.random.below(this.q), c = this.random.below(this.q);
      drawn.push([u, c]);
      hints.push(this.group.encode(this.g(u)), this.group.encode(this.k(u + c * BigInt(value - branch))));
    }
    const rest = drawn.reduce((left, [, c], branch) => (branch === value ? left : left - c), challenge(hints));
    const proof = drawn.map(([u, c], branch) => {
      const answer = mod(branch === value ? rest : c, this.q);
      return { challenge: bytesOf(answer, 32), response: bytesOf(mod(u - answer * nonce, this.q), 32) };
    });
    return { proof, hints };
  }
  /** A Schnorr proof beside data under a pad (equations 34 to 38, 63 to 69). */
  sealed(nonce, pad, plain, challenge) {
    const c0 = this.group.encode(this.g(nonce));
    const beta = this.group.encode(this.group.power(this.election.tables.data, nonce));
    const c1 = xor(plain, pad(c0, beta)), u = this.random.below(this.q), hint = this.group.encode(this.g(u));
    const c = challenge(hint, c0, c1);
    const c2 = { challenge: bytesOf(c, 32), response: bytesOf(mod(u - c * nonce, this.q), 32) };
    return { field: { c0, c1, c2 }, hint };
  }
  contest({ contest, values, record, total }, ballotNonce, step) {
    const { group } = this, ic = u32(contest.index), selections = [], hints = [], counted = [];
    let sum = 0n;
    contest.options.forEach((option, at) => {
      const io = u32(option.index), nonce = this.h(0x21, ic, io, ballotNonce);
      const pair = [this.g(nonce), this.k(nonce + BigInt(values[at]))], [alpha, beta] = pair.map((each) => group.encode(each));
      const made = this.range(values[at], nonce, option.limit, (all) => this.h(0x24, ic, io, alpha, beta, ...all));
      selections.push({ option: option.index, alpha, beta, proof: made.proof });
      hints.push(...made.hints);
      if (option.inLimit) { counted.push(pair); sum += nonce; }
      step();
    });
    const product = [0, 1].map((side) => group.encode(counted.reduce((all, pair) => group.multiply(all, pair[side]), group.one)));
    const limit = this.range(total, mod(sum, this.q), contest.limit, (all) => this.h(0x24, ic, ...product, ...all));
    let data = null;
    if (contest.data) {
      const pad = (c0, beta) => dataPad(H(this.key, 0x26, ic, c0, beta), contest.index, contest.data.blocks);
      data = this.sealed(this.h(0x25, ic, ballotNonce), pad, record, (...all) => this.h(0x27, ic, ...all));
    }
    const hash = contestHash(this.key, contest.index, selections, data && data.field);
    const encrypted = {
      contest: contest.index, selections, limit_proof: limit.proof, data: data && data.field, contest_hash: hash,
    };
    return { encrypted, hints, limit: limit.hints, data: data ? [data.hint] : [] };
  }
}
const contestHash = (key, index, selections, data) => H(key, 0x28, u32(index),
  ...selections.flatMap((each) => [each.alpha, each.beta]), ...(data ? [data.c0, data.c1, data.c2.challenge, data.c2.response] : []));

function encryptWith(election, { unit: path, style: label, contests }, pseudonym, progress, random, device) {
  const unit = unitOf(election, path), style = styleOf(election, unit, label), listed = contestsOf(election, style);
  for (const name of Object.keys(contests)) need(listed.some((each) => each.label === name), "unknown-choice", name);
  const votes = listed.map((contest) => {
    need(Object.hasOwn(contests, contest.label), "unknown-choice", `${contest.label} is missing`);
    return interpret(contest, contests[contest.label]);
  });
  need(!pseudonym || election.manifest.roll, "unsupported", "without a roll there are no pseudonyms");
  buildTables(election);
  const randomness = random.token(32), identifier = contextIdentifier(election.he, path, label, pseudonym, randomness);
  const key = H(election.he, 0x20, identifier);
  const nonce = tagged("evote/v1/ballot-nonce", random.token(32), device.secret, identifier);
  const maker = new Encryptor(election, key, random), steps = votes.reduce((sum, vote) => sum + vote.values.length, 1);
  let done = 0;
  const made = votes.map((vote) => maker.contest(vote, nonce, () => progress(++done / steps)));
  const own = maker.sealed(random.below(election.group.q), (c0, beta) => noncePad(H(key, 0x22, c0, beta)), nonce,
    (...all) => maker.h(0x23, ...all));
  const field = chainingField(election, device.information, device.codes);
  const hashes = made.map((each) => each.encrypted.contest_hash);
  const ballot = {
    identifier, identifier_hash: key, unit: path, style: label, weight: style.weight, device: device.information,
    contests: made.map((each) => each.encrypted), nonce: own.field, chaining_field: field,
    confirmation_code: H(key, 0x29, ...hashes, field),
  };
  const hint = concat(identifier, ...made.flatMap((each) => each.hints), ...made.flatMap((each) => each.limit),
    ...made.flatMap((each) => each.data), own.hint);
  progress(1);
  return { format: 1, fingerprint: election.he, ballot, context: { pseudonym, randomness }, nonce, blind: null, decision: null, hint };
}
/** Encrypts and proves; what comes back is a pending ballot, whose voter has not decided. */
export function encryptBallot(election, choices, pseudonym, progress = () => {}) {
  const device = { information: DEVICE, secret: SYSTEM.token(32), codes: [] };
  return encryptWith(election, choices, pseudonym, progress, SYSTEM, device);
}

// --- decision, submission, opening ---------------------------------------------------------------------

/** The pending ballot with its first and only decision; a cast ballot forgets its nonce. */
export function decide(pending, decision) {
  need(decision === "cast" || decision === "challenged", "malformed", "a ballot is cast or challenged");
  if (pending.decision === decision) return pending;
  need(pending.decision === null, "decided", `the ballot is ${pending.decision} already`);
  const cast = decision === "cast";
  return { ...pending, decision, nonce: cast ? null : pending.nonce, blind: cast ? null : SYSTEM.token(32) };
}
function submittedOf({ decision, ballot, context }) {
  return { state: decision, ballot, context: decision === "cast" ? context : null };
}
/** The exact bytes for the box, signed over `previous`, and what the receipt must be about. */
export async function submissionOf(election, pending, holder, previous = NO_PREVIOUS) {
  const { decision, ballot, context, blind } = pending, cast = decision === "cast", { board } = election.manifest;
  need(decision !== null, "undecided", "the voter has not decided");
  const hash = tagged("evote/v1/submitted", election.he, pack(submittedOf(pending)));
  const bound = cast ? previous : blind, message = concat(ballot.identifier, hash, bound);
  const role = signedBytes(cast ? "ballot" : "challenge", election.he, board.units[ballot.unit].origin, message);
  const signatures = await Promise.all(holder.keys.map((key) => key.sign(role)));
  const short = election.group.width * (1 + ballot.contests.filter((each) => each.data).length);
  const hint = cast ? pending.hint : concat(ballot.identifier, pending.hint.slice(-short));
  const head = cast ? previous : NO_PREVIOUS, name = context.pseudonym ?? NO_PREVIOUS;
  const bytes = pack({ decision, ballot, context, previous: head, blind, device: "", signatures, hint });
  const about = {
    unit: ballot.unit, style: ballot.style, challenged: !cast, ballot: hash, previous: head,
    voter: cast ? name : tagged("evote/v1/blinded", name, blind),
  };
  return { bytes, about };
}
/** Everything that a second device needs, as letters; only for a challenged ballot whose receipt was verified. */
function openingOf(election, pending) {
  const { ballot, nonce, context } = pending, { group } = election, key = ballot.identifier_hash;
  const contests = ballot.contests.map((encrypted) => {
    const ic = u32(encrypted.contest), selections = encrypted.selections.map(({ option, beta }) => {
      const own = group.scalar(H(key, 0x21, ic, u32(option), nonce));
      let value = 0, found = group.power(election.tables.vote, own);
      for (; !same(group.encode(found), beta); value++) {
        need(value < MAX_VALUE, "wrong-opening", "a field holds no count");
        found = group.multiply(found, election.voteKey);
      }
      return { value, nonce: bytesOf(own, 32) };
    });
    let data = null;
    if (encrypted.data) {
      const own = group.scalar(H(key, 0x25, ic, nonce)), { c0, c1, c2 } = encrypted.data;
      const beta = group.encode(group.power(election.tables.data, own));
      const plaintext = xor(c1, dataPad(H(key, 0x26, ic, c0, beta), encrypted.contest, c1.length / 32));
      data = { c0, c1, c2, plaintext, nonce: bytesOf(own, 32) };
    }
    return { contest: encrypted.contest, selections, data };
  });
  const { randomness } = context, { unit, style, device } = ballot;
  return "EVO1:" + base45(pack({ format: 1, fingerprint: election.he, unit, style, device, randomness, contests }));
}
/** What an opened ballot says, if it is the one with this confirmation code and was made for this pseudonym. */
export function inspectOpening(election, letters, code, pseudonym) {
  const { group } = election, width = group.width, given = letters.replace(/^\s+|[\r\n]+$/g, "");
  need(given.startsWith("EVO1:"), "malformed", "this is no opened ballot");
  const lost = given.length % 3 === 0 ? " " : ""; // a last letter that is a space is easily lost
  const slip = shaped(unpack(unbase45(given.slice(5) + lost)), {
    format: "number", fingerprint: 32, unit: "text", style: "text", device: "text", randomness: 32,
    contests: [{
      contest: "number", selections: [{ value: "number", nonce: 32 }],
      data: [{ c0: width, c1: "bytes", c2: PAIR, plaintext: "bytes", nonce: 32 }, null],
    }],
  });
  need(same(slip.fingerprint, election.he), "other-election", "the opened ballot is of another election");
  const wrong = (holds, message) => need(holds, "wrong-opening", message);
  const listed = contestsOf(election, styleOf(election, unitOf(election, slip.unit), slip.style));
  wrong(slip.format === 1 && election.manifest.chaining === 0, "this form is not known");
  wrong(listed.map((each) => each.index).join() === slip.contests.map((each) => each.contest).join(), "a contest is missing");
  buildTables(election);
  const identifier = contextIdentifier(election.he, slip.unit, slip.style, pseudonym, slip.randomness);
  const key = H(election.he, 0x20, identifier), maker = new Encryptor(election, key, SYSTEM);
  const below = (bytes) => { const number = big(bytes); wrong(number < group.q, "a nonce is too large"); return number; };
  const hashes = slip.contests.map((shown, at) => {
    const contest = listed[at], options = contest.options;
    wrong(shown.selections.length === options.length, "an option is missing");
    const selections = shown.selections.map(({ value, nonce }, i) => {
      wrong(value <= options[i].limit, "a value is above its limit");
      const own = below(nonce);
      return { alpha: group.encode(maker.g(own)), beta: group.encode(maker.k(own + BigInt(value))) };
    });
    const total = shown.selections.reduce((sum, { value }, i) => sum + (options[i].inLimit ? value : 0), 0);
    wrong(total <= contest.limit && !shown.data === !contest.data, "more is marked than is allowed");
    if (shown.data) {
      const { c0, c1, plaintext, nonce } = shown.data, ic = u32(contest.index), own = below(nonce);
      wrong(c1.length === 32 * contest.data.blocks, "the sealed data has another length");
      const beta = group.encode(group.power(election.tables.data, own));
      const plain = xor(c1, dataPad(H(key, 0x26, ic, c0, beta), contest.index, c1.length / 32));
      wrong(same(group.encode(maker.g(own)), c0) && same(plain, plaintext), "the sealed data says something else");
    }
    return contestHash(key, contest.index, selections, shown.data);
  });
  const computed = hex(H(key, 0x29, ...hashes, chainingField(election, slip.device, [])));
  const noted = code.replace(/[\s:-]/g, "").toLowerCase();
  wrong(computed === noted, "the opened votes do not give the confirmation code that was noted");
  return {
    unit: slip.unit, style: slip.style, code: computed.toUpperCase(),
    contests: slip.contests.map((shown, at) => ({
      label: listed[at].label,
      values: Object.fromEntries(shown.selections.map(({ value }, i) => [listed[at].options[i].label, value])),
      data: shown.data && hex(shown.data.plaintext),
    })),
  };
}
/** AES-GCM under a key of the voter's code: a pending ballot for this device, or for another road. */
export async function sealPending(election, pending, holder) {
  const nonce = SYSTEM.token(12), how = { name: "AES-GCM", iv: nonce, additionalData: election.he };
  const key = await crypto.subtle.importKey("raw", holder.sealing, "AES-GCM", false, ["encrypt"]);
  const body = new Uint8Array(await crypto.subtle.encrypt(how, key, pack(pending)));
  return pack({ format: 1, fingerprint: election.he, nonce, body });
}
export async function openPending(election, bytes, holder) {
  const { format, fingerprint, nonce, body } = shaped(unpack(bytes), { format: "number", fingerprint: 32, nonce: 12, body: "bytes" });
  need(format === 1 && same(fingerprint, election.he), "other-election", "the kept ballot is of another election");
  const key = await crypto.subtle.importKey("raw", holder.sealing, "AES-GCM", false, ["decrypt"]);
  const how = { name: "AES-GCM", iv: nonce, additionalData: election.he };
  try {
    return unpack(new Uint8Array(await crypto.subtle.decrypt(how, key, body)));
  } catch { throw new ElectionError("other-code", "the kept ballot is not one of this code, or was changed"); }
}

// --- logs: notes, proofs, witnesses (specs/log.md) -------------------------------------------------------

const leafHash = (data) => sha256(Uint8Array.of(0), data);
const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);
function decimal(text) {
  need(/^(0|[1-9][0-9]{0,15})$/.test(text) && Number.isSafeInteger(Number(text)), "malformed", "a number is wanted");
  return Number(text);
}
export function secondsOf(moment) {
  const time = /^[0-9-]{10}T[0-9:]{8}Z$/.test(moment) ? Date.parse(moment) : NaN;
  need(time >= 0 && momentOf(time / 1000) === moment, "malformed", "this is no moment");
  return time / 1000;
}
export const momentOf = (seconds) => new Date(1000 * seconds).toISOString().replace(/\.\d+Z$/, "Z");

const noteKey = (name, kind, key) => ({ name, kind, key, id: hex(sha256(utf8(name), Uint8Array.of(10, kind), key).slice(0, 4)) });
function readNote(text) {
  const cut = text.lastIndexOf("\n\n"), lines = text.slice(cut + 2).split("\n");
  need(cut >= 0 && lines.pop() === "" && lines.length >= 1 && lines.length <= 128, "malformed", "this is no signed note");
  const body = text.slice(0, cut + 1), [origin, size, root, ...more] = body.slice(0, -1).split("\n");
  need(root !== undefined && !more.length && !/[\x00-\x09\x0b-\x1f]/.test(body), "malformed", "this is no checkpoint");
  const signatures = lines.map((line) => {
    const found = /^\u2014 ([^\s+]+) (\S+)$/u.exec(line);
    need(found, "malformed", "this is no signature line");
    const packed = unbase64(found[2]);
    return { name: found[1], id: hex(packed.slice(0, 4)), signature: packed.slice(4) };
  });
  return { text, body, origin, size: decimal(size), root: unbase64(root, 32), signatures };
}
/** The note, if the log's key signed it and every line of that key holds. */
async function openNote(text, log) {
  const note = readNote(text), lines = note.signatures.filter((each) => each.name === log.name && each.id === log.id);
  const right = (holds) => need(holds, "forged", `the head is not signed by ${log.name}`);
  right(note.origin === log.name && lines.length);
  for (const line of lines) right(await verify(log.key, utf8(note.body), line.signature));
  return note;
}
/** The policy of witnesses (C2SP tlog-policy). */
function readPolicy(text) {
  const policy = { witnesses: [], groups: [], quorum: text ? null : "none" };
  for (const words of text.split("\n").map((line) => line.split(/[ \t]+/).filter(Boolean))) {
    const [keyword, name, value, ...members] = words;
    if (keyword === "witness") {
      const [origin, id, packed] = value.split("+"), bytes = unbase64(value.slice(origin.length + id.length + 2));
      const key = noteKey(origin, bytes[0], bytes.slice(1));
      need(packed && bytes[0] === 4 && key.id === id, "malformed", "a witness's key is none");
      policy.witnesses.push({ name, key });
    } else if (keyword === "group") {
      policy.groups.push({ name, members, least: { any: 1, all: members.length }[value] ?? decimal(value) });
    } else if (keyword === "quorum") policy.quorum = name;
    else need(!keyword || keyword.startsWith("#") || keyword === "log", "malformed", "the policy of witnesses is none");
  }
  need(policy.quorum, "malformed", "the policy of witnesses has no quorum");
  return policy;
}
function satisfied({ groups, quorum }, names) {
  const held = new Set(names);
  for (const { name, members, least } of groups) if (members.filter((each) => held.has(each)).length >= least) held.add(name);
  return quorum === "none" || held.has(quorum);
}
/** When each witness saw the head; a line of a known witness that does not hold makes the note false. */
async function cosigned(note, { witnesses }) {
  const times = new Map();
  for (const { name, key } of witnesses) {
    for (const { signature } of note.signatures.filter((each) => each.name === key.name && each.id === key.id)) {
      const time = signature.length === 72 ? Number(big(signature.slice(0, 8))) : 0;
      const message = utf8(`cosignature/v1\ntime ${time}\n${note.body}`);
      const holds = time > 0 && Number.isSafeInteger(time) && (await verify(key.key, message, signature.slice(8)));
      need(holds, "forged", `the signature of the witness ${key.name} does not hold`);
      times.set(name, Math.max(time, times.get(name) ?? 0));
    }
  }
  return times;
}
function quorumTime(policy, times) {
  if (policy.quorum === "none") return null;
  const all = [...new Set(times.values())].sort((a, b) => b - a);
  return all.find((time) => satisfied(policy, [...times.keys()].filter((name) => times.get(name) >= time))) ?? null;
}
const lengthOf = (number) => (number ? number.toString(2).length : 0);
const onesOf = (number) => number.toString(2).replace(/0/g, "").length;
/** That the tree of a head has the leaf at its place (RFC 9162 section 2.1.3.2). */
function checkInclusion(leaf, index, path, note) {
  const right = (holds) => need(holds, "forged", "the proof does not lead to the head");
  right(index < note.size);
  const at = BigInt(index), inner = lengthOf(at ^ BigInt(note.size - 1));
  right(path.length === inner + onesOf(at >> BigInt(inner)));
  const climbed = path.reduce((root, each, level) =>
    (level >= inner || (at >> BigInt(level)) & 1n ? nodeHash(each, root) : nodeHash(root, each)), leaf);
  right(same(climbed, note.root));
}
/** That the tree of the new head begins with the leaves of the old one (RFC 9162 section 2.1.4.2). */
export function checkConsistency(old, path, note) {
  const right = (holds) => need(holds, "split-view", `${note.origin} shows another log than before`);
  right(old.size <= note.size);
  if (old.size === note.size || !old.size) return right(!path.length && (!old.size || same(old.root, note.root)));
  const last = BigInt(old.size - 1), shift = lengthOf(BigInt(old.size) & -BigInt(old.size)) - 1, position = last >> BigInt(shift);
  const inner = lengthOf(last ^ BigInt(note.size - 1)) - shift, whole = old.size === 2 ** shift;
  right(path.length === inner + onesOf(position >> BigInt(inner)) + (whole ? 0 : 1));
  const [seed, ...siblings] = whole ? [old.root, ...path] : path;
  let [before, after] = [seed, seed];
  siblings.forEach((each, level) => {
    if (level >= inner || (position >> BigInt(level)) & 1n) [before, after] = [nodeHash(each, before), nodeHash(each, after)];
    else after = nodeHash(after, each);
  });
  return right(same(before, old.root) && same(after, note.root));
}

// --- receipts (specs/receipts.md) ------------------------------------------------------------------------

const logOf = ({ origin, key }) => noteKey(origin, 1, unhex(key));
function boardOf({ manifest: { board } }) {
  need(board, "unsupported", "the election has no board");
  const unitLog = (unit) => {
    need(Object.hasOwn(board.units, unit), "forged", "the receipt is for another unit");
    return logOf(board.units[unit]);
  };
  return { log: logOf(board), unitLog, policy: readPolicy(board.witnesses), delay: board.merge_delay, closes: secondsOf(board.closes) };
}
export const leafOf = (election, origin, { unit, style, challenged, voter, ballot, previous }) => tagged(
  `evote/v1/leaf/${challenged ? "challenge" : "cast"}`, election.he, utf8(origin), utf8(unit), utf8(style), voter, ballot,
  ...(challenged ? [] : [previous]));
const admissionOf = (election, origin, leaf, { time, deadline }) => pack({ format: 1, fingerprint: election.he, origin, leaf, time, deadline });
const promised = (election, log, leaf, promise) => verify(log.key,
  signedBytes("receipt", election.he, log.name, admissionOf(election, log.name, leaf, promise)), promise.signature);

/** The receipt to keep, if the box's answer is its promise for exactly this ballot (A21, A66). */
export async function acceptAdmission(election, about, answer, now) {
  const { unitLog, delay, closes } = boardOf(election), log = unitLog(about.unit), leaf = leafOf(election, log.name, about);
  const { admission, signature } = shaped(unpack(answer), {
    admission: { format: "number", fingerprint: 32, origin: "text", leaf: 32, time: "text", deadline: "text" }, signature: 64,
  });
  const wrong = (holds, code, what) => need(holds, code, `the box's answer is ${what}`);
  wrong(admission.format === 1 && same(admission.fingerprint, election.he), "other-receipt", "for another election");
  wrong(admission.origin === log.name, "other-unit", "for the log of another unit");
  wrong(same(admission.leaf, leaf), "other-receipt", "for another ballot");
  const promise = { time: admission.time, deadline: admission.deadline, signature };
  wrong(await promised(election, log, leaf, promise), "other-receipt", "not signed by the log");
  const time = secondsOf(promise.time), deadline = secondsOf(promise.deadline);
  wrong(time <= deadline && deadline <= Math.min(time, closes) + delay, "wrong-times", "a promise for too late");
  wrong(time <= now + CLOCK_TOLERANCE, "wrong-times", "from a clock that is ahead");
  return writeReceipt({ fingerprint: election.he, about, promise, inclusion: null });
}
function writeReceipt({ fingerprint, about, promise, inclusion }) {
  const { unit, style, challenged, voter, ballot, previous } = about;
  const lines = ["evote receipt v1", `election ${hex(fingerprint)}`, `unit ${unit}`, `style ${style}`,
    `decision ${challenged ? "challenge" : "cast"}`, `voter ${hex(voter)}`, `ballot ${hex(ballot)}`, `previous ${hex(previous)}`];
  if (promise) lines.push(`admitted ${promise.time}`, `deadline ${promise.deadline}`, `signature ${base64(promise.signature)}`);
  if (!inclusion) return lines.join("\n") + "\n";
  lines.push(`consistency ${hex(inclusion.consistency)}`, `closing ${inclusion.closing ? "yes" : "no"}`);
  return [lines.join("\n") + "\n", inclusion.leaf.text, inclusion.head.text].join("\n");
}
function readProof(text) {
  const cut = text.indexOf("\n\n"), lines = text.slice(0, cut).split("\n"), first = lines.shift();
  if (lines[0]?.startsWith("extra ")) need(unbase64(lines.shift().slice(6)).length, "malformed", "an empty line of extra data");
  need(first === "c2sp.org/tlog-proof@v1" && lines[0]?.startsWith("index "), "malformed", "this is no proof of a log");
  const [index, ...path] = lines;
  return { text, index: decimal(index.slice(6)), path: path.map((line) => unbase64(line, 32)), note: readNote(text.slice(cut + 2)).text };
}
export function readReceipt(text) {
  need(text.length <= 65536, "malformed", "this is longer than a receipt");
  const [head, ...blocks] = text.split("\n\n"), lines = head.split("\n"), proofs = [];
  for (let at = 0; at < blocks.length; at += 3) proofs.push(blocks.slice(at, at + 3).join("\n\n"));
  if (proofs.length) proofs[0] += "\n";
  else need(lines.pop() === "", "malformed", "the receipt is cut off");
  need(lines.shift() === "evote receipt v1" && [0, 2].includes(proofs.length), "malformed", "this is no receipt");
  const line = (name) => {
    need(lines[0]?.startsWith(`${name} `), "malformed", `the line ${name} is absent or not in its place`);
    return lines.shift().slice(name.length + 1);
  };
  const digest = (name) => { const found = unhex(line(name)); need(found.length === 32, "malformed", name); return found; };
  const fingerprint = digest("election"), unit = line("unit"), style = line("style"), challenged = line("decision") === "challenge";
  const about = { unit, style, challenged, voter: digest("voter"), ballot: digest("ballot"), previous: digest("previous") };
  let promise = null, inclusion = null;
  if (lines[0]?.startsWith("admitted ")) {
    promise = { time: line("admitted"), deadline: line("deadline"), signature: unbase64(line("signature"), 64) };
    [promise.time, promise.deadline].forEach(secondsOf);
  }
  if (proofs.length) {
    const consistency = digest("consistency"), closing = line("closing") === "yes", [leaf, at] = proofs.map(readProof);
    inclusion = { consistency, closing, leaf, head: at };
  }
  const receipt = { fingerprint, about, promise, inclusion };
  const whole = (promise || inclusion) && (!challenged || same(about.previous, NO_PREVIOUS)) && writeReceipt(receipt) === text;
  need(whole, "malformed", "this is not the one form of a receipt");
  return receipt;
}
/** The promise in letters for a printed code (evote.board.receipt_compact). */
export function receiptLetters(election, text) {
  const { fingerprint, about, promise } = readReceipt(text), { manifest: { units, styles } } = election;
  const unit = units.filter((each) => !each.open).findIndex((each) => each.path === about.unit) + 1;
  const style = styles.find((each) => each.label === about.style).index, kind = (about.challenged ? 1 : 0) + 2;
  return "EVR1:" + base45(concat(utf8("EVR1"), Uint8Array.of(kind), fingerprint, u32(unit), u32(style), about.voter, about.ballot,
    about.previous, u64(secondsOf(promise.time)), u64(secondsOf(promise.deadline)), promise.signature));
}
/** What a receipt shows at the time `now`, with `heads` from elsewhere (texts of notes): verdict and facts. */
export async function checkReceipt(election, text, { now = null, heads = [] } = {}) {
  const { log, unitLog, policy, delay, closes } = boardOf(election), seen = new Map();
  let witnessed = null, receipt = null, leaf = null, split = false;
  const saw = (note, times = new Map()) => {
    const place = `${note.size} ${note.origin}`, time = quorumTime(policy, times);
    if (time !== null) witnessed = Math.max(time, witnessed ?? 0);
    split ||= seen.has(place) && seen.get(place) !== hex(note.root);
    seen.set(place, hex(note.root));
  };
  for (const head of heads) {
    const { origin } = readNote(head), { board } = election.manifest;
    const unit = Object.keys(board.units).find((path) => board.units[path].origin === origin), note = await openNote(head, unit ? unitLog(unit) : log);
    saw(note, unit ? undefined : await cosigned(note, policy));
  }
  try {
    receipt = readReceipt(text);
    const { about, promise, inclusion } = receipt, own = unitLog(about.unit);
    need(same(receipt.fingerprint, election.he), "other-election", "the receipt is for another election");
    need(unitOf(election, about.unit).styles.includes(about.style), "forged", "the unit has no such ballot");
    leaf = leafOf(election, own.name, about);
    if (promise) need(await promised(election, own, leaf, promise), "forged", "the promise is not signed by the log");
    if (inclusion) {
      const { consistency, closing } = inclusion, head = await openNote(inclusion.leaf.note, own);
      checkInclusion(leafHash(leaf), inclusion.leaf.index, inclusion.leaf.path, head);
      const entry = tagged("evote/v1/leaf/unit-head", election.he, utf8(log.name), utf8(""), utf8(about.unit), utf8(`${head.size}`),
        head.root, consistency, Uint8Array.of(closing ? 1 : 0));
      const top = await openNote(inclusion.head.note, log), times = await cosigned(top, policy);
      need(satisfied(policy, times.keys()), "forged", "too few witnesses saw the head");
      checkInclusion(leafHash(entry), inclusion.head.index, inclusion.head.path, top);
      saw(head);
      saw(top, times);
    }
  } catch (error) {
    if (!(error instanceof ElectionError)) throw error;
    return { verdict: "FORGED", code: error.code, reason: error.message };
  }
  const { promise, inclusion } = receipt, found = { leaf: hex(leaf), witnessed, index: inclusion?.leaf.index ?? null, final: !!inclusion?.closing };
  if (promise) found.due = Math.min(secondsOf(promise.deadline), secondsOf(promise.time) + delay, closes + delay);
  if (split) return { verdict: "SPLIT VIEW", ...found, index: null, final: false };
  if (inclusion) return { verdict: "LOGGED", ...found };
  const over = found.due < secondsOf(promise.deadline) || (now ?? witnessed ?? 0) > found.due;
  return { verdict: over ? "BROKEN PROMISE" : "NOT YET DUE", ...found };
}

// --- over HTTP (specs/http.md) -----------------------------------------------------------------------------

const pause = (seconds) => new Promise((done) => { setTimeout(done, 1000 * seconds); });
async function request(address, options = {}, type = "bytes") {
  const fixed = { redirect: "error", credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer", ...options };
  let answer = null, body = null;
  try {
    answer = await fetch(address, { ...fixed, signal: AbortSignal.timeout(120000) });
    need(Number(answer.headers.get("content-length") ?? 0) <= MAX_ANSWER, "server", "the answer is too long");
    body = new Uint8Array(await answer.arrayBuffer());
  } catch (error) {
    if (error instanceof ElectionError) throw error;
    throw new ElectionError("offline", "the server cannot be reached", { again: true });
  }
  if (answer.ok) return type === "text" ? textOf(body) : body;
  let problem = { name: "server", again: answer.status >= 500 || [408, 425, 429].includes(answer.status) };
  if (answer.headers.get("content-type")?.startsWith("application/problem+json")) problem = JSON.parse(textOf(body));
  const { name, again = false, detail = "", head = null } = problem;
  throw new ElectionError(name, detail, { again, head, wait: Number(answer.headers.get("retry-after") ?? 0) });
}

/** One voter at one device. Methods are asynchronous; all but `load` need an election. */
export class Session {
  constructor({ address = "", now = () => Math.floor(Date.now() / 1000), tries = 6 } = {}) {
    Object.assign(this, { address, now, tries, election: null, holder: null, pending: null, receipt: null, previous: NO_PREVIOUS });
  }
  /** The election, if its fingerprint is the voter's; what a page needs to show it. */
  async load({ fingerprint = null } = {}) {
    const names = ["manifest.json", "parameters.msgpack", "guardians.msgpack", "keys.msgpack"];
    const [manifest, parameters, guardians, keys] = await Promise.all(names.map((name) => this.#again(() => request(`${this.address}/record/${name}`))));
    this.election = loadElection({ manifest, parameters, guardians, keys }, fingerprint);
    const { label, names: titles, languages, test, contests, styles, units, roll } = this.election.manifest;
    const { closes, delay } = boardOf(this.election);
    return {
      fingerprint: hex(this.election.he), group: this.election.groupName, label, names: titles, languages, test, contests, styles,
      units, parts: roll?.parts ?? 0, closes, delay,
    };
  }
  async tables(progress) { buildTables(this.election, progress); }
  async identify(codes) { this.holder = await holderOf(this.election, codes); return hex(this.holder.pseudonym); }
  async encrypt(choices, progress) {
    this.pending = encryptBallot(this.election, choices, this.holder.pseudonym, progress);
    return this.#start();
  }
  /** The pending ballot, sealed under the voter's code. */
  async seal() { return sealPending(this.election, this.pending, this.holder); }
  async unseal(bytes) { this.pending = await openPending(this.election, bytes, this.holder); return this.#start(); }
  #start() {
    Object.assign(this, { receipt: null, previous: NO_PREVIOUS });
    const { ballot: { confirmation_code: code, unit, style, identifier }, decision } = this.pending;
    return { code: hex(code).toUpperCase(), unit, style, decision, id: hex(identifier.slice(0, 8)) };
  }
  /** The first decision, sealed: keep that before `send`. */
  async decide(decision) { this.pending = decide(this.pending, decision); return this.seal(); }
  /** Sends until there is an answer, the same bytes each time; `replace` supersedes an earlier ballot. */
  async send({ replace = false } = {}) {
    buildTables(this.election);
    const { decision, ballot } = this.pending, { number } = unitOf(this.election, ballot.unit), headers = { "Content-Type": "application/msgpack" };
    const path = `${this.address}/units/${number}/${decision === "cast" ? "ballots" : "challenges"}`;
    for (let round = 0; ; round++) {
      const { bytes, about } = await submissionOf(this.election, this.pending, this.holder, this.previous);
      try {
        const answer = await this.#again(() => request(path, { method: "POST", body: bytes, headers }));
        const text = await acceptAdmission(this.election, about, answer, this.now());
        this.receipt = { text, letters: receiptLetters(this.election, text), challenged: about.challenged, sent: bytes.length };
        return this.receipt;
      } catch (error) {
        if (error.code !== "stale" || !replace || round > 2 || !/^[0-9a-f]{64}$/.test(error.head)) throw error;
        this.previous = unhex(error.head);
      }
    }
  }
  /** The opened ballot for a second device; only behind the verified receipt of its challenge. */
  async opening() {
    need(this.receipt?.challenged && this.pending.decision === "challenged", "undecided", "there is no receipt of a challenge");
    return openingOf(this.election, this.pending);
  }
  /** On a second device: what an opened ballot says. `own` is the voter's pseudonym, or the codes. */
  async inspect(letters, code, own) {
    const pseudonym = Array.isArray(own) ? (await holderOf(this.election, own)).pseudonym : unhex(own.replace(/\s/g, ""));
    return inspectOpening(this.election, letters, code, pseudonym);
  }
  /** What became of a receipt; `seen` are heads by number of the log that earlier checks gave. */
  async check(text, seen = {}) {
    const first = await checkReceipt(this.election, text, { now: this.now() });
    if (first.verdict === "FORGED") return first;
    const { about, promise } = readReceipt(text), { number } = unitOf(this.election, about.unit), heads = {};
    try {
      for (const log of [0, number]) heads[log] = await this.#follow(log, about.unit, seen[log] ?? null);
      const proof = await this.#again(() => request(`${this.address}/units/${number}/inclusion/${first.leaf}`, {}, "text"));
      const full = writeReceipt({ ...readReceipt(text), promise, inclusion: null }) + proof;
      const found = await checkReceipt(this.election, full, { now: this.now(), heads: Object.values(heads) });
      if (found.verdict === "FORGED") return found;
      return { ...found, receipt: full, heads };
    } catch (error) {
      if (error.code === "split-view") return { ...first, verdict: "SPLIT VIEW", reason: error.message };
      if (["not-logged", "no-head", "offline"].includes(error.code)) return { ...first, waiting: error.code, heads };
      throw error;
    }
  }
  /** The newest head of a log, which must continue the one seen before. */
  async #follow(number, unit, seen) {
    const { log, unitLog, policy } = boardOf(this.election), key = number ? unitLog(unit) : log, old = seen && readNote(seen);
    const text = await this.#again(() => request(`${this.address}/logs/${number}/consistency?old=${old?.size ?? 0}`, {}, "text"), 1);
    const cut = text.indexOf("\n\n"), [first, ...path] = text.slice(0, cut).split("\n"), note = await openNote(text.slice(cut + 2), key);
    need(first === `old ${old?.size ?? 0}`, "malformed", "this is no answer about consistency");
    if (old) checkConsistency(old, path.map((line) => unbase64(line, 32)), note);
    if (!number) need(satisfied(policy, (await cosigned(note, policy)).keys()), "no-head", "too few witnesses saw the head");
    return note.text;
  }
  async #again(act, tries = this.tries) {
    for (let failed = 0; ; failed++) {
      try {
        return await act();
      } catch (error) {
        if (!error.again || ["not-logged", "no-head"].includes(error.code) || failed + 1 >= tries) throw error;
        await pause((error.wait ?? 0) + (big(SYSTEM.token(4)) === 0n ? 0 : Number(big(SYSTEM.token(4))) / 2 ** 32) * Math.min(60, 2 ** failed));
      }
    }
  }
}

// --- as a worker -----------------------------------------------------------------------------------------

const trusted = globalThis.trustedTypes?.createPolicy("evote-client", { createScriptURL: (address) => address });
/** A Session in a worker: every method as a promise; a function as last argument hears of progress. */
export function startWorker(options = {}, source = import.meta.url) {
  const worker = new Worker(trusted ? trusted.createScriptURL(source) : source, { type: "module", name: "evote-client" }), waiting = new Map();
  let last = 0;
  const fail = () => {
    for (const { reject } of waiting.values()) reject(new ElectionError("worker", "the worker ended"));
    waiting.clear();
  };
  worker.onerror = fail;
  worker.onmessage = ({ data: { id, progress, value, error } }) => {
    const { resolve, reject, hears } = waiting.get(id);
    if (progress !== undefined) return hears(progress);
    waiting.delete(id);
    return error ? reject(new ElectionError(error.code, error.message, error)) : resolve(value);
  };
  const call = (method) => (...args) => new Promise((resolve, reject) => {
    const hears = typeof args.at(-1) === "function" ? args.pop() : () => {};
    waiting.set((last += 1), { resolve, reject, hears });
    worker.postMessage({ id: last, method, args });
  });
  const methods = ["load", "tables", "identify", "encrypt", "seal", "unseal", "decide", "send", "opening", "inspect", "check"];
  const made = Object.fromEntries(methods.map((method) => [method, call(method)]));
  worker.postMessage({ options });
  return { ...made, end() { worker.terminate(); fail(); } };
}
if (typeof DedicatedWorkerGlobalScope !== "undefined" && self.name === "evote-client") {
  let session = null, turn = Promise.resolve();
  self.onmessage = ({ data: { options, id, method, args } }) => {
    if (options) { session = new Session(options); return; }
    turn = turn.then(async () => { // one after the other
      try {
        const slow = ["tables", "encrypt"].includes(method) ? [(progress) => self.postMessage({ id, progress })] : [];
        self.postMessage({ id, value: await session[method](...args, ...slow) });
      } catch (error) {
        const { code = "internal", message, place, length, head } = error;
        self.postMessage({ id, error: { code, message, place, length, head } });
      }
    });
  };
}
