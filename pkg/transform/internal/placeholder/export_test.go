package placeholder

// Constants for the external tests: the lengths of the smallest files, and the offset of a PDF's padding.
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
