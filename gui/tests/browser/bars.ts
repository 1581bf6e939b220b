/**
 * How many times as long as a bar allows a slow, busy machine without a graphics card may take
 * before a test fails. The figures themselves are printed, each beside its bar.
 */
export const room = 4
