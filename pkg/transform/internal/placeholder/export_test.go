package placeholder

// What the tests beside this package look at: the lengths of the smallest files, and where a PDF's padding stands.
const (
	MagicPNG  = pngMagic
	LeastPNG  = pngLeast
	LeastJPEG = jpegLeast
	LeastGIF  = gifLeast
	LeastPDF  = pdfLeast
	LeastZIP  = zipLeast
	FromPDF   = pdfFrom
	ClosePDF  = pdfClose
)
