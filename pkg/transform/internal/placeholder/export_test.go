package placeholder

// These constants are for the external tests. They are the lengths of the smallest files, and the offset of a PDF's
// padding.
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
