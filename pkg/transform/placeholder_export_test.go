package transform

// What the tests beside this package look at: the lengths of the smallest files, and where a PDF's padding stands.
const (
	magicPNG  = pngMagic
	leastPNG  = pngLeast
	leastJPEG = jpegLeast
	leastGIF  = gifLeast
	leastPDF  = pdfLeast
	leastZIP  = zipLeast
	fromPDF   = pdfFrom
	closePDF  = pdfClose
)
