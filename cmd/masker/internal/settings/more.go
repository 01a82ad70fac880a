package settings

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// largestMore is the size limit of a file of subset.more, in bytes.
const largestMore = 1 << 20

// ReadMore reads the file that adds roots to a subset. People who may not change masker.yaml may change this file. So a
// pipe, a device or a very large file must not stop masker or fill its memory.
func (c *Config) ReadMore(file string) ([]byte, error) {
	f, err := os.OpenFile(c.Path(file), os.O_RDONLY|syscall.O_NONBLOCK, 0) // without O_NONBLOCK, a pipe waits for a writer
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read; make it, it may be empty: %w", err)
	}
	defer f.Close()
	switch st, err := f.Stat(); {
	case err != nil:
		return nil, err
	case !st.Mode().IsRegular():
		return nil, errors.New("it is not a regular file; replace it with one")
	}
	data, err := io.ReadAll(io.LimitReader(f, largestMore+1))
	if err == nil && len(data) > largestMore {
		err = fmt.Errorf("the file is larger than %d MiB; remove lines", largestMore>>20)
	}
	return data, err
}
