package words

import (
	"sync"

	"github.com/go-ego/gse"
)

// Dictionary cuts Chinese into words by the dictionary and the hidden Markov model of gse. It is loaded by the first
// text that needs it.
type Dictionary struct {
	once sync.Once
	seg  gse.Segmenter
	err  error
}

// NewDictionary makes a dictionary that is not loaded yet.
func NewDictionary() *Dictionary { return &Dictionary{} }

// Cut gives the words of a run; the run itself should the dictionary fail to load.
func (d *Dictionary) Cut(run string) []string {
	d.once.Do(d.load)
	if d.err != nil {
		return []string{run}
	}
	return d.seg.Cut(run, true)
}

func (d *Dictionary) load() {
	loadModel()
	d.seg.SkipLog, d.seg.NotLoadHMM = true, true
	d.err = d.seg.LoadDictEmbed("zh_s")
}

// loadModel loads the model that all dictionaries share: gse keeps it in variables of its package, and would write them
// again with each dictionary while another is read.
var loadModel = sync.OnceFunc(func() { new(gse.Segmenter).LoadModel() })
