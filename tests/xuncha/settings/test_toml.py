import pytest

from xuncha import settings_file
from xuncha.settings import SettingsError


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[run]\nrate = \n", "第2行：等号后面的写法不对"),
        ("[run]\n\nscope = quick", "第3行：等号后面的写法不对"),
        ("[run]\nscope = “quick”", "第2行：用了中文引号或等号"),
        ("[run]\nscope＝'quick'", "第2行：用了中文引号或等号"),
        ('[run]\nscope = "quick”', "第2行：用了中文引号或等号"),
        ('[run]\ndata = "C:\\Users\\xuncha"', "第2行：双引号中不能直接写 \\，路径请改用 /"),
        ('[run]\ndata = "D:\\巡查"', "第2行：双引号中不能直接写 \\"),
        ("[run]\nrate 5", "第2行：缺少等号"),
        ("[run]\nrate = 5 scope = 'quick'", "第2行：一行只能写一项"),
        ("[run]\nrate = 5\nrate = 6", "第3行：同一项或同一个表写了两次"),
        ("[run]\nrate = 5\n[run]\n", "第3行：同一项或同一个表写了两次"),
        ("[run]\n设置 = 1", "第2行：应为“名称 = 值”或 [表名]"),
        ('[run]\nscope = "quick\nrate = 1', "第2行：引号没有配对"),
        ("[run]\nscope = 'quick\nrate = 1", "xuncha.toml：引号没有配对"),
        ("[run]\nallow_private = ['a'，'b']", "第2行：列表没有写完整"),
        ("[run\nrate = 1", "第1行：表名的方括号没有配对"),
        ("[run]\nrate = 5 # 说明“五”\nx = 2027-13-45", "第3行"),
        ("[run]\nrate = " + "9" * 5000, "不是正确的 TOML"),
        ("a = " + "[" * 20_000, "xuncha.toml"),
        ("a = '", "xuncha.toml"),
        ("设置".encode("gb18030"), "不是 UTF-8 编码"),
        (b"PK\x03\x04\xff\xff", "不是 UTF-8 编码"),
        (b"\x00", "xuncha.toml"),
    ],
)
def test_what_is_no_toml_is_named_with_its_line(told, text, words):
    assert words in told(text)


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(SettingsError, match="找不到设置文件"):
        settings_file.load(tmp_path / "nothing.toml")
    with pytest.raises(SettingsError, match="无法读取"):
        settings_file.load(tmp_path)
