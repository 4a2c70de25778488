// Where a map keeps what compiled code may look up by itself. All numbers are linear addresses, or offsets from them.

export type MapLayout =
  | {
      readonly kind: 'array';
      readonly maxEntries: number;
      /** Words with the addresses of chunks of words with the addresses of values; 0 where there is none yet. */
      readonly directory: number;
      /** Bits of an index that count inside of a chunk. */
      readonly chunkShift: number;
    }
  | {
      readonly kind: 'hash';
      /** A multiple of 4. */
      readonly keySize: number;
      /** The table's control block, and two words of it. */
      readonly control: number;
      readonly buckets: number;
      readonly bucketCount: number;
      /** Header fields of an element. */
      readonly hashField: number;
      readonly keyField: number;
      readonly nextField: number;
      readonly hash: HashNumbers;
    };

/** The hash of a key: `start`, then for each word `(h ^ word) * factor` folded by `wordShift`, then two folds around a product. */
export interface HashNumbers {
  readonly start: number;
  readonly factor: number;
  readonly wordShift: number;
  readonly firstShift: number;
  readonly lastShift: number;
}
