package cluster

import (
	"math"

	"huiyin/app/insights/grouping/vector"
)

// Points are unit vectors. Point i lies at Dense[i*Dims:(i+1)*Dims] within block Block[i], and has the sparse values
// Values[k] at place Places[k] for k in Starts[i]:Starts[i+1].
type Points struct {
	Dims, Blocks, Sparse int // width of a block, number of blocks, width of the shared part
	Dense                []float32
	Block                []uint8
	Starts               []int32
	Places               []int32
	Values               []float32
}

// Len is the number of points.
func (p *Points) Len() int { return len(p.Block) }

// Width is that of a full vector: of a centroid.
func (p *Points) Width() int { return p.Blocks*p.Dims + p.Sparse }

// Shared gives the sparse part of point i.
func (p *Points) Shared(i int) (places []int32, values []float32) {
	from, to := p.Starts[i], p.Starts[i+1]
	return p.Places[from:to], p.Values[from:to]
}

// dot is the cosine of a point and a full unit vector.
func (p *Points) dot(i int, full []float32) float32 {
	from := int(p.Block[i]) * p.Dims
	sum := float32(0)
	if block := full[from : from+p.Dims]; !empty(block) {
		sum = vector.Dot(p.Dense[i*p.Dims:(i+1)*p.Dims], block)
	}
	shared := full[p.Blocks*p.Dims:]
	for k := p.Starts[i]; k < p.Starts[i+1]; k++ {
		sum += p.Values[k] * shared[p.Places[k]]
	}
	return sum
}

// addTo adds a point to a full sum.
func (p *Points) addTo(sum []float64, i int) { p.addScaled(sum, i, 1) }

// addScaled adds f times a point to a full sum.
func (p *Points) addScaled(sum []float64, i int, f float64) {
	from := int(p.Block[i]) * p.Dims
	for j, x := range p.Dense[i*p.Dims : (i+1)*p.Dims] {
		sum[from+j] += f * float64(x)
	}
	shared := sum[p.Blocks*p.Dims:]
	for k := p.Starts[i]; k < p.Starts[i+1]; k++ {
		shared[p.Places[k]] += f * float64(p.Values[k])
	}
}

// full writes point i as a full vector.
func (p *Points) full(dst []float32, i int) {
	clear(dst)
	copy(dst[int(p.Block[i])*p.Dims:], p.Dense[i*p.Dims:(i+1)*p.Dims])
	shared := dst[p.Blocks*p.Dims:]
	for k := p.Starts[i]; k < p.Starts[i+1]; k++ {
		shared[p.Places[k]] = p.Values[k]
	}
}

// Nothing tells that a point says nothing: all its values are zero.
func (p *Points) Nothing(i int) bool {
	if p.Starts[i] < p.Starts[i+1] {
		return false
	}
	for _, x := range p.Dense[i*p.Dims : (i+1)*p.Dims] {
		if x != 0 {
			return false
		}
	}
	return true
}

// empty tells a block without any member: all of it is exactly zero then. Most centroids are of one language, and half the
// work is saved; looking at three values is enough, as a sum of vectors is not exactly zero at any place.
func empty(block []float32) bool {
	n := len(block)
	return n == 0 || block[0] == 0 && block[n/2] == 0 && block[n-1] == 0
}

// unit brings a sum to length one and gives what its length was.
func unit(dst []float32, sum []float64) float64 {
	square := 0.
	for _, x := range sum {
		square += x * x
	}
	length := math.Sqrt(square)
	if length < 1e-9 {
		clear(dst)
		return 0
	}
	for i, x := range sum {
		dst[i] = float32(x / length)
	}
	return length
}

// Select gives some of the points as points of their own.
func (p *Points) Select(which []int32) *Points {
	s := &Points{Dims: p.Dims, Blocks: p.Blocks, Sparse: p.Sparse, Starts: make([]int32, 1, len(which)+1)}
	for _, i := range which {
		s.Dense = append(s.Dense, p.Dense[int(i)*p.Dims:(int(i)+1)*p.Dims]...)
		s.Block = append(s.Block, p.Block[i])
		s.Places = append(s.Places, p.Places[p.Starts[i]:p.Starts[i+1]]...)
		s.Values = append(s.Values, p.Values[p.Starts[i]:p.Starts[i+1]]...)
		s.Starts = append(s.Starts, int32(len(s.Places)))
	}
	return s
}
