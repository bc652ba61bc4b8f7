# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start-up files that setuptools, virtualenv and uv put into every environment that they are in, by what they hold."""

from __future__ import annotations

import hashlib
import os

from ansible_collections.netdevops.python.plugins.module_utils.audit.reader import Reader

# The older and the newer distutils-precedence.pth of setuptools; the _virtualenv.pth of virtualenv and uv.
_PATH_FILES = {
    "distutils-precedence.pth": (
        "7ea7ffef3fe2a117ee12c68ed6553617f0d7fd2f0590257c25c484959a3b7373",
        "2638ce9e2500e572a5e0de7faed6661eb569d1b696fcba07b0dd223da5f5d224",
    ),
    "_virtualenv.pth": ("69ac3d8f27e679c81b94ab30b3b56e9cd138219b1ba94a1fa3606d5a76a1433d",),
}
# What they import.
_MODULES = {"distutils-precedence.pth": "_distutils_hack/__init__.py", "_virtualenv.pth": "_virtualenv.py"}
# As in each release of setuptools since 49.3.0, of virtualenv since 20.0.8, and of uv.
_RELEASED = """
03b38d1d8d6e9e14d4f12116683368d472a943c75ffe99986304b7b8bba0189c
870c6f4869d409d7434c7ef7b99175568095b5541ac621538e5d8145fd01194f
870913c1cb82e84d190b5b700c4cc71af16ace684b88e19b5f6149af7b833435
e1d21987df00de20d4729c8afacee31bec8bcd6d799092908249a6e3d6a5e3b2
9bc5b111a0a9cfbe403c5ca562f18a715571dfc12f7577a5123a4a32427112dc
ccb3a83ef896531388f58fec08c15ee7998fa0a36b83196c374b74a7ca93022f
c05b8045c9a51ed915db41df44195068c3d8ee1431f93104b670695decac8b02
322f93bf23a7b8ccd421cfeeb68129e66dccfc363a40b2d2917aa0e9ef30848f
5f7454880e8a04fa0499ca3f0a3002ca5b7241b15119552965101b4a43c6c0cb
4c2531daa12158dcabb8bce3e03386640407dfd866d9f27fc0377dd2894d3a6a
7688a23bb369b867ca503635e94c625981671c1e01adf621da6c59d2d07d5114
f0016db17603c3430ca7a444e28b1577445d9da7f7f32f746ed6820c3442a07d
a390f4d5ada584de84c5fed69fffd50fe43393401438d1615cdb9fd07e03c34a
fcc99a0fb405120ec879fd8f8d35f974134d4c88e5ec814d42cbb06442b22f17
600ff3472bad5c46ee6438a9516e844282c2e8fb946ef62c1b2060f9a2fe3c2b
1476fb218abe6877c54af4804ee9c98413c655c807d8a203fc2e111e41ae9bb8
52c30c27c38334fa426ba8d8784f7bb5e15df8511387ec0d0fbca8772fa224c1
e4a51d09fa11eb20b12a2861f82c5c5587ae4d3d096cf2d3246109b60991818d
4513b154dbf2fa7776a1d0812e6d4396770a8e6f286000d30bf6694ff3294dd5
c45c67c9dbcc6ce0432d98491eaca039563d9df5fb9d8a68608de3b9e41d80a4
06c27ded9e7642a2d5d5ea432989050e91987b2d00cfdc5c0477f23cffda06b4
228181f268b46192561e7b9a3c57ff31483e10b2584f6494e5256feb86d5e674
026d425507ed93f30700abdf25056940cc15c7796b01b2863e1288520c1ac036
4d27a48545b57dd137ae35376fcf326d2064271084a487960686f8704b94de4a
46849a60a7cc85189cf6b5ac62b3f135004862ce6a96540a81c95ef6fbc4dc3e
4bf5b0bc8f8af7ce7096e96f7167cf4f776f2cc0983f5c8f876ca780b3a67781
1542e30b6d07156f447ab4bcaec4a3a330feb93167d5dcaf548f6d6b2cdb852c
9b737c2ccce2dad2e896acfb6285c708419121078c00231a5439a7647cdd72e4
a325c4f62f92a19daaa558088e4339afd78e14df40c20a7d51c9dc3a714dc237
df81e6bcba34ee3e3952f776551fb669143b9490fdd6c4caeb32609f97e985b4
ced72e54431ecf2d8d7dbd8a1e27724f1b171af3ca1503c304bf11c59a7fe861
095a1099733d28c837bca584f5fb3eb3724e357f8846c015083dc6e9a7b985f3
96245d9e9c0b16fdcd99b470abe101863858120c9bf57752278ec4d7f9b09a94
82944bb74841efbcfdc3539e7d60df63f43cc023041eb183abbd56f44e071b45
e3db5fe06ab41ca9b95dd6463b83836787028a1b55562cc383803bb83001a45c
bd9633de3d8122488d66fcfa0c7f0c9cd0b58e9147938ddf1f8fa76ca12b6ad5
684b8c07932ba4a84ac2e5ae9afe49ef04e92bac3d8d4191d455cf09d093e5fc
ce57d5e0d9b5d7356cb42da7450ba8f9359bdf693e335f4c921626943c77e64d
c9199315871b11b12df226f890a38e66e63191e1adbfb11a66e6861151b33fca
f4dfaeb9efc1614890cfa94ed15bbe9b2ee15fbe76d569ef5e435e93e4987dc7
119e4eb9c1a39e6ffd220840844bd326fa1bd3acf2f1c9fa0612949aedc228a5
0aeb86546345c1d0fada097536e35525714d5cdbcc2d8eb3f9912a955044fcff
0f20351ea7e90039c46d3fabdef991f28b1e3ff33eb13ee6f0d5cd21ea0e8b14
bec6155ff7bfc88f8e79e481f27fd7ee0a3b40eeca9bfeb41f4c4b997b2f8100
02943e192823d75212f206e1f2991ac572119882683a95dfbb7a1b913d7b14b5
e8c426ce260f866254ff35cefedc8b3efbd6d1446d99d7a4cdeb0095f98a8b8f
460589e83387d4dfe5fd84d41c5f6979599f5cd080983d73c832549161c80435
0278334cdcfab4c746b4416fbd5c2b6e7da937c81e132397d62c361d404ebe0e
07584d2a5d13e0811eb567d78ed2aca0fb60e7defff59a01ca7a48d907bdea51
ee52b2e2e720a40885a6b4b90c40e28e5c70e550af74d5efd169eaa5db2a6f6f
e3e10c8a19a62a49928c139b8e6824eac92dcdda7639953bcd10921011cbbdff
6cf30c56faf2a55228914dbbd17f8088ed371ebb08f5e7fa6fd931f913fcaf1d
cfb3db86aaa53bb62b5ff764970bec2d71c9228590a0ebec57f6ec926cc0bf1a
"""
_DIGESTS = frozenset(_RELEASED.split())


def is_well_known(reader: Reader, path: str, data: bytes) -> bool:
    """Whether a ``.pth`` file is one of these, by name and content, and imports what it is known to import.

    Args:
        reader: Reads the host.
        path: The file.
        data: What it holds.
    """
    folder, name = os.path.split(path)
    if hashlib.sha256(data).hexdigest() not in _PATH_FILES.get(name, ()):
        return False
    module = _MODULES[name]
    if not _is_alone(reader, folder, module):
        return False
    code = reader.data(f"{folder}/{module}")
    return code is not None and hashlib.sha256(code).hexdigest() in _DIGESTS


def _is_alone(reader: Reader, folder: str, module: str) -> bool:
    """Whether nothing beside a module is imported in its place, as a folder or a shared library of its name is."""
    place, file = os.path.split(module)
    names = [name for name in reader.names(f"{folder}/{place}" if place else folder) if name != file]
    word = file.partition(".")[0]
    return not any(name.partition(".")[0] == word and not name.endswith(".pth") for name in names)
