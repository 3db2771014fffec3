/** Links of all kinds and how many of their steps are recorded in shared-links.json. Lines are added, never changed. */
export interface SharedLink {
  readonly link: string;
  readonly steps: number;
}

const of = (steps: number, ...links: readonly string[]): readonly SharedLink[] =>
  links.map((link) => ({ link, steps }));

export const SHARED_LINKS: readonly SharedLink[] = [
  ...of(
    300,
    '',
    'v=1&seed=3&lam=-20&lanes=fp32,fp16:d2p40:n25,fp16',
    'v=1&seed=3&lam=-18&lanes=fp32,fp16:d2p40:n25,fp16',
    'v=1&seed=3&lam=-14&lanes=fp32,fp16:~%CE%BB_%3D_2%5E-16,fp16:~%CE%BB_%3D_2%5E-18,fp16:~%CE%BB_%3D_2%5E-22&i=0:1:lam:-16,0:2:lam:-18,0:3:lam:-22',
    'v=1&seed=3&lam=-18&lanes=fp32,fp16:s1,fp16:s2p12,fp16:s2p40',
    'v=1&seed=3&lanes=fp32,fp16:d,fp16:d2p24,fp16:d2p32',
    'v=1&seed=3&lanes=fp32,fp16:d:n10,fp16:d:n25,fp16:d:n100',
    'v=1&seed=3&lr=0.1&lam=-6&lanes=fp32,e4m3fn,e4m3fn:be5m2,e4m3fn:d2p10',
    'v=1&seed=3&lam=-18&lanes=fp32,bf16,fp16',
    'v=1&seed=3&opt=adam&lr=0.01&lam=-18&lanes=fp32,fp16:d2p40:n25,fp16',
    'v=1&task=linear',
    'v=1&task=linear&opt=adam&lr=0.02&lanes=fp32,e2m8:bfp16:d2p10,e2m8',
    'v=1&task=linear&opt=sgd&lr=50&lanes=fp32,bf16,fp16:d,fp16',
    'v=1&task=linear&lam=10&opt=sgd&lr=0.05&lanes=fp32,e4m3fn:s0.9,e4m3fn:s2p-3',
    'v=1&lanes=fp32,fp16:d:n1000&i=60:1:s:2p100',
    'v=1&seed=3&lr=300&lanes=fp32,fp16:d,e4m3fn,e5m2',
    'v=1&lanes=fp32,fp16:d:l0.002',
    'v=1&lanes=fp16:d:x1.5:f0.25:n7:l0.5:r3:~Fast_back-off',
    'v=1&lanes=fp32:d,fp16:d&i=30:all:x:4,30:all:f:0.5,20:1:n:5,20:0:lr:0.1,20:0:s:2^10,20:1:lam:-30',
    'v=1&seed=3&lam=-18&lanes=fp32,fp16:d2p20:n9&i=50:1:w:-4,120:all:w:-24,200:1:lr:0.4',
    'v=1&opt=adam&lr=0.01&lanes=fp32,fp16:d:n9,bf16&i=50:all:w:-12,120:all:lam:-6,200:1:s:2p-20',
    'v=1&lanes=fp16:d:x1.1:f0.3:n2&i=9:0:n:3,60:0:x:7,80:0:f:0.9',
    'v=1&lanes=fp32:mnearest-away,fp16:mup,fp16:mdown,fp16:mtoward-zero,fp16:mstochastic',
    'v=1&seed=7&lanes=fp16:mstochastic:d2p30:n6,bf16:mstochastic:k3:r5,e4m3fn:be5m2:mstochastic:uflush',
    'v=1&opt=adam&lr=0.01&lanes=bf16:mstochastic,fp16:mstochastic:d,fp32:mstochastic',
    'v=1&lanes=fp16_ftz,fp16_sat,fp16_sat_ftz,e6m9_ftz,bf16:uflush',
    'v=1&lanes=e5m10,e8m7,e8m10,e5m2,e4m3fn_sat,e5m2_sat,e3m2fn,e2m3fn,e2m1fn,e4m3,e8m23',
  ),
  ...of(
    120,
    'v=1&task=spirals',
    'v=1&task=spirals&b=32&opt=sgd&lr=0.05&mom=0.9&lanes=bf16:s2p12:l1e-7:r9,e4m3fn:be5m2:~my_lane&i=0:all:lam:-4,60:0:s:3',
    'v=1&task=spirals&opt=sgd&lr=50&lanes=fp32,fp16,bf16,fp32:akahan',
    'v=1&task=spirals&lanes=fp32,fp16:mstochastic:d2p24:n5,e5m2:mstochastic:k8',
    'v=1&lanes=fp16:afp32,fp16:aformat,fp16:aformat-fma,fp16:achunked.8,fp16:apairwise,fp16:akahan,fp16:apairwise.format,fp16:akahan.format',
    'v=1&lanes=fp16:atensor-core.v100,fp16:atensor-core.a100,bf16:atensor-core.ada,fp16:atensor-core.h200,e4m3fn:be5m2:atensor-core.h100/32',
    'v=1&lanes=fp16:mstochastic:k4:uflush,bf16:mtoward-zero:achunked.32.format,e4m3fn:be5m2:atensor-core.h100/128',
    'v=1&task=digits-mlp',
    'v=1&task=digits-mlp&lanes=fp32,fp16:d&i=50:all:lam:-18',
    'v=1&task=digits-mlp&opt=adam&eps=0&lanes=fp32,fp16:d,bf16',
    'v=1&task=digits-mlp&mom=0.9&lanes=fp32,fp16:d2p40:n4,fp16:mstochastic,e4m3fn:be5m2:d2p10',
  ),
  ...of(
    40,
    'v=1&task=digits-cnn',
    'v=1&task=digits-cnn&opt=adam&lr=1e-3&b1=0.5&b2=0.99&eps=2p-20',
    'v=1&task=digits-cnn&lanes=fp32,fp16:mstochastic:d2p30:n3,bf16,e4m3fn:be5m2',
    'v=1&task=digits-cnn&b=17&mom=0.8&lanes=fp16:atensor-core.a100:d2p20,fp16:uflush:s64&i=10:all:w:-8',
  ),
  ...of(20, 'v=1&task=digits-cnn&b=256&seed=4294967295&opt=adam&lr=1e-3&b1=0.5&b2=0.99&eps=2p-20'),
  ...of(60, `v=1&lanes=${Array.from({ length: 40 }, (_, lane) => `fp16:d2p${lane}`).join(',')}`),
];
