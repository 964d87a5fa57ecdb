const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const MAX_BASE_LENGTH = 63 - SUFFIX_LENGTH;

/** A source of randomness: each call gives an integer in [0, below). */
export type RandomBelow = (below: number) => number;

/** `length` characters without vowels and look-alikes, as `utilrand.String`. */
export function randomSuffix(random: RandomBelow, length = SUFFIX_LENGTH): string {
  let text = '';
  for (let i = 0; i < length; i++) text += ALPHABET[random(ALPHABET.length)];
  return text;
}

/** A name from `metadata.generateName`: the base cut to 58 characters and five random ones. */
export function generateName(base: string, random: RandomBelow): string {
  return base.slice(0, MAX_BASE_LENGTH) + randomSuffix(random);
}

/** Each character mapped into the alphabet, as `rand.SafeEncodeString` (pod-template-hash). */
export function safeEncode(text: string): string {
  let encoded = '';
  for (let i = 0; i < text.length; i++) encoded += ALPHABET[text.charCodeAt(i) % ALPHABET.length];
  return encoded;
}
