package cluster_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"huiyin/app/insights/grouping/cluster"
)

// around makes points of two dimensions near some angles, in turn, and a sparse part that tells nothing.
func around(n int, spread float64, angles ...float64) *cluster.Points {
	random := rand.New(rand.NewPCG(9, 9))
	p := &cluster.Points{Dims: 2, Blocks: 1, Sparse: 1, Starts: []int32{0}}
	for i := range n {
		a := angles[i%len(angles)] + spread*random.NormFloat64()
		p.Dense = append(p.Dense, float32(math.Cos(a)), float32(math.Sin(a)))
		p.Block = append(p.Block, 0)
		p.Starts = append(p.Starts, 0)
	}
	return p
}

func TestClustersAreWhatLiesTogether(t *testing.T) {
	t.Parallel()
	p := around(300, .05, 0, 2, 4)
	_, belongs := cluster.KMeans(p, 3, 1)
	for i := range belongs {
		if belongs[i] != belongs[i%3] {
			t.Fatalf("point %d lies with %d, its like with %d", i, belongs[i], belongs[i%3])
		}
	}
	if belongs[0] == belongs[1] || belongs[1] == belongs[2] || belongs[0] == belongs[2] {
		t.Errorf("three heaps are %v", belongs[:3])
	}
}

func TestWhatSaysNothingBelongsToNone(t *testing.T) {
	t.Parallel()
	p := around(30, .1, 0, 2)
	p.Dense[0], p.Dense[1] = 0, 0
	if _, belongs := cluster.KMeans(p, 2, 1); belongs[0] != cluster.None || belongs[1] == cluster.None {
		t.Errorf("belongs %v", belongs[:2])
	}
	none := &cluster.Points{Dims: 2, Blocks: 1, Starts: []int32{0}}
	if c, belongs := cluster.KMeans(none, 5, 1); c.Len() != 0 || len(belongs) != 0 {
		t.Error("no points make clusters")
	}
}

func TestEqualPointsMakeOneCluster(t *testing.T) {
	t.Parallel()
	if c, _ := cluster.KMeans(around(50, 0, 1), 10, 1); c.Len() != 1 {
		t.Errorf("%d clusters, want 1", c.Len())
	}
}

func TestClustersDoNotDependOnProcessors(t *testing.T) { //nolint:paralleltest // sets GOMAXPROCS
	p := around(5000, .5, 0, 1, 2, 3, 4, 5)
	run := func(processors int) ([]float32, []int32) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		c, belongs := cluster.KMeans(p, 20, 1)
		return c.V, belongs
	}
	v, belongs := run(1)
	w, others := run(5)
	if !slices.Equal(v, w) || !slices.Equal(belongs, others) {
		t.Error("clusters differ between one processor and five")
	}
}

func TestAlikeClustersMergeUnlessKeptApart(t *testing.T) {
	t.Parallel()
	p := around(400, .1, 0, .1, 2, 4)
	belongs := make([]int32, p.Len())
	for i := range belongs {
		belongs[i] = int32(i % 4)
	}
	if got := cluster.Merge(p, 4, belongs, .75, nil); !slices.Equal(got, []int32{0, 0, 2, 3}) {
		t.Errorf("merged into %v", got)
	}
	apart := func(a, b int32) bool { return a == 0 && b == 1 || a == 1 && b == 0 }
	if got := cluster.Merge(p, 4, belongs, .75, apart); !slices.Equal(got, []int32{0, 1, 2, 3}) {
		t.Errorf("kept apart, merged into %v", got)
	}
}

func TestARareMatterIsFoundAtTheSecondLook(t *testing.T) {
	t.Parallel()
	p := around(1000, .05, 0, .3)
	rare := around(10, .01, math.Pi)
	p.Dense = append(p.Dense, rare.Dense...)
	p.Block = append(p.Block, rare.Block...)
	p.Starts = append(p.Starts, make([]int32, 10)...)
	c := &cluster.Centroids{Width: p.Width(), V: []float32{1, 0, 0}}
	belongs := make([]int32, p.Len())
	if added := c.Outlying(p, belongs, .5, .5, 5, .3, 1); added != 1 {
		t.Fatalf("added %d clusters, want 1", added)
	}
	if k, fit := c.Nearest(p, p.Len()-1); k != 1 || fit < .95 {
		t.Errorf("the rare one is in %d with %.2f", k, fit)
	}
}

func TestAPlaneHasAboveItWhatIsLikeThePointsThatWereTold(t *testing.T) {
	t.Parallel()
	p := around(300, .2, 0, 2, 4)
	var told []cluster.Told
	for i := range 60 {
		told = append(told, cluster.Told{Point: int32(i), Above: i%3 == 0, Weight: 1})
	}
	plane := cluster.Divide(p, cluster.Divided(told, .5))
	for i := range p.Len() {
		if above := plane.Height(p, i) >= 0; above != (i%3 == 0) {
			t.Errorf("point %d of heap %d lies at %.2f", i, i%3, plane.Height(p, i))
		}
	}
}

func TestWhatIsToldIsWeighedByTheShareOfItsSide(t *testing.T) {
	t.Parallel()
	told := cluster.Divided([]cluster.Told{{Above: true, Weight: 1}, {Above: true, Weight: 3}, {Weight: 2}}, .2)
	for k, want := range []float64{.05, .15, .8} {
		if got := told[k].Weight; math.Abs(got-want) > 1e-9 {
			t.Errorf("the weight of %d is %.3f, want %.3f", k, got, want)
		}
	}
}
