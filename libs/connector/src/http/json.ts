const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const SAFE_DIGITS = 16;

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
/** `.`, `e`, `E`: the number is not an integer literal. */
const isFraction = (code: number): boolean => code === 0x2e || code === 0x65 || code === 0x45;

/** Index just behind the string literal whose opening quote is at `start`. */
function endOfString(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (quote !== -1) {
    let slashes = 0;
    while (text.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
    quote = text.indexOf('"', quote + 1);
  }
  return text.length;
}

function quoteLongIntegers(text: string): string {
  let result = '';
  let copied = 0;
  let index = 0;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      index = endOfString(text, index);
      continue;
    }
    if (!isDigit(code) && code !== MINUS) {
      index += 1;
      continue;
    }
    const start = index;
    index += 1;
    while (isDigit(text.charCodeAt(index))) index += 1;
    if (isFraction(text.charCodeAt(index))) {
      // Skip the rest of the literal, so that its exponent or fraction is not taken for a number of its own.
      while (/[\d.eE+-]/.test(text.charAt(index))) index += 1;
      continue;
    }
    if (index - start < SAFE_DIGITS) continue;
    const literal = text.slice(start, index);
    if (Number.isSafeInteger(Number(literal))) continue;
    result += `${text.slice(copied, start)}"${literal}"`;
    copied = index;
  }
  return copied === 0 ? text : result + text.slice(copied);
}

/**
 * Parses JSON as JSON.parse does, but integers that a number cannot hold exactly (beyond ±(2^53−1)) come out as decimal
 * strings, digit for digit. Integers within the range stay numbers.
 * @throws SyntaxError when the text is not JSON
 */
export function parseJsonLossless(text: string): unknown {
  return JSON.parse(/\d{16}/.test(text) ? quoteLongIntegers(text) : text) as unknown;
}
