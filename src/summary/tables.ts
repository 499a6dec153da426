import { addressText } from '../base/address.js';

/** The string and address tables of one batch: each text once, numbered in order of appearance. */
export class Tables {
  readonly addresses: string[] = [];
  readonly strings: string[] = [];
  readonly #addresses = new Map<string, number>();
  readonly #strings = new Map<string, number>();

  address(words: Uint32Array, at: number): number {
    return this.addressOf(addressText(words, at));
  }

  addressOf(text: string): number {
    return numberOf(text, this.#addresses, this.addresses);
  }

  string(text: string): number {
    return numberOf(text, this.#strings, this.strings);
  }
}

function numberOf(text: string, numbers: Map<string, number>, texts: string[]): number {
  let number = numbers.get(text);
  if (number === undefined) {
    number = texts.push(text) - 1;
    numbers.set(text, number);
  }
  return number;
}
