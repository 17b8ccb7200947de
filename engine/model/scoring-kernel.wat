;; Sums of weights for all labels, eight of them side by side in two registers of four floats. Numbers of labels are
;; multiples of eight: of a row of fewer weights up to seven bytes behind it are read, too. Addresses and lengths are
;; in bytes. scoring-kernel.ts holds this compiled.
(module
  (memory (export "memory") 1)

  ;; Adds value * weight of the features at hand to the sums of the labels.
  (func (export "addSparse")
    (param $sums i32)      ;; a float for each label
    (param $labels i32)
    (param $rows i32)      ;; of each feature the address of its weights, a signed byte for each label
    (param $toValues i32)  ;; from that place to the feature's value, a float
    (param $length i32)    ;; of the rows
    (local $end i32) (local $feature i32) (local $label i32)
    (local $value v128) (local $eight v128) (local $first v128) (local $second v128)
    (local.set $end (i32.add (local.get $rows) (local.get $length)))
    (loop $eachLabels
      (local.set $first (v128.load (local.get $sums)))
      (local.set $second (v128.load offset=16 (local.get $sums)))
      (local.set $feature (local.get $rows))
      (block $none
        (loop $eachFeature
          (br_if $none (i32.ge_u (local.get $feature) (local.get $end)))
          (local.set $value
            (v128.load32_splat (i32.add (local.get $feature) (local.get $toValues))))
          (local.set $eight
            (v128.load8x8_s (i32.add (i32.load (local.get $feature)) (local.get $label))))
          (local.set $first
            (f32x4.add
              (local.get $first)
              (f32x4.mul
                (local.get $value)
                (f32x4.convert_i32x4_s (i32x4.extend_low_i16x8_s (local.get $eight))))))
          (local.set $second
            (f32x4.add
              (local.get $second)
              (f32x4.mul
                (local.get $value)
                (f32x4.convert_i32x4_s (i32x4.extend_high_i16x8_s (local.get $eight))))))
          (local.set $feature (i32.add (local.get $feature) (i32.const 4)))
          (br $eachFeature)))
      (v128.store (local.get $sums) (local.get $first))
      (v128.store offset=16 (local.get $sums) (local.get $second))
      (local.set $sums (i32.add (local.get $sums) (i32.const 32)))
      (local.set $label (i32.add (local.get $label) (i32.const 8)))
      (br_if $eachLabels (i32.lt_u (local.get $label) (local.get $labels)))))

  ;; The same for a vector without gaps. The weights lie in the order they are read in: of all dimensions those of the
  ;; first eight labels, then of the next.
  (func (export "addDense")
    (param $sums i32)
    (param $weights i32)  ;; floats
    (param $labels i32)
    (param $values i32)   ;; a float for each dimension
    (param $length i32)   ;; of the values
    (local $end i32) (local $dimension i32) (local $label i32)
    (local $value v128) (local $first v128) (local $second v128)
    (local.set $end (i32.add (local.get $values) (local.get $length)))
    (loop $eachLabels
      (local.set $first (v128.load (local.get $sums)))
      (local.set $second (v128.load offset=16 (local.get $sums)))
      (local.set $dimension (local.get $values))
      (block $none
        (loop $eachDimension
          (br_if $none (i32.ge_u (local.get $dimension) (local.get $end)))
          (local.set $value (v128.load32_splat (local.get $dimension)))
          (local.set $first
            (f32x4.add
              (local.get $first)
              (f32x4.mul (local.get $value) (v128.load (local.get $weights)))))
          (local.set $second
            (f32x4.add
              (local.get $second)
              (f32x4.mul (local.get $value) (v128.load offset=16 (local.get $weights)))))
          (local.set $weights (i32.add (local.get $weights) (i32.const 32)))
          (local.set $dimension (i32.add (local.get $dimension) (i32.const 4)))
          (br $eachDimension)))
      (v128.store (local.get $sums) (local.get $first))
      (v128.store offset=16 (local.get $sums) (local.get $second))
      (local.set $sums (i32.add (local.get $sums) (i32.const 32)))
      (local.set $label (i32.add (local.get $label) (i32.const 8)))
      (br_if $eachLabels (i32.lt_u (local.get $label) (local.get $labels))))))
