package placeholder

// These constants are for the external tests: the first bytes of a PNG, the lengths of the smallest files, and the
// texts before and after a PDF's padding.
const (
	MagicPNG  = pngMagic
	LeastPNG  = pngMin
	LeastJPEG = jpegMin
	LeastGIF  = gifMin
	LeastPDF  = pdfMin
	LeastZIP  = zipMin
	FromPDF   = pdfFrom
	ClosePDF  = pdfClose
)
