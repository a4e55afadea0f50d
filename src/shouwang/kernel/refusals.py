"""What the machine refused, in words."""

import errno

REFUSALS = {
    errno.ENOSPC: ("磁盘已满", "腾出空间"),
    errno.EDQUOT: ("磁盘配额已用完", "腾出空间"),
    errno.EACCES: ("没有权限", "改正文件或目录的权限"),
    errno.EPERM: ("没有权限", "改正文件或目录的权限"),
    errno.EROFS: ("磁盘是只读的", "换到可写的磁盘"),
    errno.ENOENT: ("找不到文件或目录", "核对位置"),
    errno.ENOTDIR: ("应为目录的地方是一个文件", "核对位置"),
    errno.EISDIR: ("应为文件的地方是一个目录", "核对位置"),
    errno.EEXIST: ("同名文件已经存在", "核对位置"),
    errno.EADDRINUSE: ("端口已被占用", "换一个端口"),
}


def refusal(problem: OSError) -> tuple[str, str]:
    """What was refused, with the file where one is known; and what to do."""
    known = REFUSALS.get(problem.errno or 0)
    what, advice = known or (problem.strerror or str(problem), "检查磁盘空间和目录权限")
    return (f"{what}：{problem.filename}" if problem.filename else what), advice
