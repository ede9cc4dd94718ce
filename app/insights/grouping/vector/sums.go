package vector

// Dot is the sum of the products of a's values with those of b, which is as long.
func Dot(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	for len(a) >= 4 && len(b) >= 4 {
		s0 += a[0] * b[0]
		s1 += a[1] * b[1]
		s2 += a[2] * b[2]
		s3 += a[3] * b[3]
		a, b = a[4:], b[4:]
	}
	for i := range a {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}

// AddScaled adds f·src to dst; src is as long.
func AddScaled[T float32 | float64](dst, src []T, f T) {
	src = src[:len(dst)]
	for len(dst) >= 4 && len(src) >= 4 {
		dst[0] += f * src[0]
		dst[1] += f * src[1]
		dst[2] += f * src[2]
		dst[3] += f * src[3]
		dst, src = dst[4:], src[4:]
	}
	for i := range dst {
		dst[i] += f * src[i]
	}
}
