/** So many of something: "1 region", "3 regions". */
export const counted = (count: number, one: string): string =>
  `${count} ${one}${count === 1 ? '' : 's'}`
