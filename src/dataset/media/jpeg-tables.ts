// Annex K of ITU-T T.81: the tables that every baseline decoder has been tried with.

/** How many steps a coefficient loses, row by row. */
export const QUANT_LUMA: readonly number[] = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
  14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
  92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];

export const QUANT_CHROMA: readonly number[] = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99,
  47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
];

/** Places in a block in the order in which they are written. */
export const ZIGZAG: readonly number[] = zigzag();

/** How many codes there are of each length from 1 to 16. */
export const CODE_LENGTHS = {
  dcLuma: [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
  dcChroma: [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0],
  acLuma: [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7d],
  acChroma: [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77],
} as const;

export const DC_LUMA: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
export const DC_CHROMA: readonly number[] = DC_LUMA;

export const AC_LUMA: readonly number[] = hex(
  "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a2526" +
    "2728292a3435363738393a434445464748494a535455565758595a636465666768696a737475767778797a838485" +
    "868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6" +
    "d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa",
);

export const AC_CHROMA: readonly number[] = hex(
  "0001020311040521311206415107617113223281081442" +
    "91a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a43444546474849" +
    "4a535455565758595a636465666768696a737475767778797a82838485868788898a92939495969798999aa2a3a4" +
    "a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5" +
    "f6f7f8f9fa",
);

/** The code of each symbol: counted up within a length, doubled from one to the next. */
export function codesOf(lengths: readonly number[], symbols: readonly number[]) {
  const table = { bits: new Uint16Array(256), lengths: new Uint8Array(256) };
  let code = 0;
  let next = 0;
  for (const [index, count] of lengths.entries()) {
    for (let i = 0; i < count; i++) {
      const symbol = symbols[next++]!;
      table.bits[symbol] = code++;
      table.lengths[symbol] = index + 1;
    }
    code <<= 1;
  }
  return table;
}

function hex(text: string): readonly number[] {
  return [...Buffer.from(text, "hex")];
}

/** Up and down the diagonals of an eight by eight block. */
function zigzag(): readonly number[] {
  const places = Array.from({ length: 64 }, (_, at) => ({ at, y: at >> 3, x: at & 7 }));
  const order = (a: (typeof places)[number], b: (typeof places)[number]): number =>
    a.x + a.y - b.x - b.y || ((a.x + a.y) % 2 === 0 ? a.x - b.x : a.y - b.y);
  return places.sort(order).map(({ at }) => at);
}
