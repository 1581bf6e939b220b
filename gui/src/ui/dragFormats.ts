/** What a region type is carried as while it is dragged from the palette to the canvas. */
export const typeFormat = 'application/x-region-type'
